/** The resources of Mender's device API, below `/api/devices/`. */
export type MenderResource =
	| { readonly kind: 'auth-requests' }
	| { readonly kind: 'attributes' }
	| { readonly kind: 'next'; readonly version: 1 | 2 }
	| { readonly kind: 'status' | 'log'; readonly deploymentId: string };

const AUTH_REQUESTS = '/api/devices/v1/authentication/auth_requests';
const ATTRIBUTES = ['/api/devices/v1/inventory/device/attributes', '/api/devices/v1/inventory/attributes'];
const ONE_DEPLOYMENT = /^\/api\/devices\/v1\/deployments\/device\/deployments\/([0-9A-Za-z-]{1,128})\/(status|log)$/;

/** Reads the path of a request, without its query; undefined where there is no such resource. */
export const parseMenderPath = (path: string): MenderResource | undefined => {
	if (path === AUTH_REQUESTS) return { kind: 'auth-requests' };
	if (ATTRIBUTES.includes(path)) return { kind: 'attributes' };
	for (const version of [1, 2] as const) if (path === nextPath(version)) return { kind: 'next', version };
	const [, deploymentId, kind] = ONE_DEPLOYMENT.exec(path) ?? [];
	return deploymentId === undefined || (kind !== 'status' && kind !== 'log') ? undefined : { kind, deploymentId };
};

export const menderPath = (resource: MenderResource): string => {
	switch (resource.kind) {
		case 'auth-requests':
			return AUTH_REQUESTS;
		case 'attributes':
			return ATTRIBUTES[0] as string;
		case 'next':
			return nextPath(resource.version);
		default:
			return `/api/devices/v1/deployments/device/deployments/${encodeURIComponent(resource.deploymentId)}/${resource.kind}`;
	}
};

const nextPath = (version: 1 | 2): string => `/api/devices/v${version}/deployments/device/deployments/next`;
