import type { KeyObject } from 'node:crypto';
import {
	type DeviceDeployment,
	issueToken,
	isRequestSigned,
	type MenderDeployment,
	type MenderResource,
	parseAttributes,
	parseAuthRequest,
	parseMenderLog,
	parseNextRequest,
	parseStatusReport,
} from '../../../harness/protocols/mender/index.js';
import type { Artifact } from '../artifacts/index.js';
import type { DeviceRegister, MenderAccount } from './device-register.js';

/** A file of a release, and the types of devices that it is for. */
export interface ReleaseFile {
	readonly deviceTypes: readonly string[];
	readonly artifact: Artifact;
}

export interface MenderRequest {
	readonly method: string;
	readonly resource: MenderResource;
	readonly query: URLSearchParams;
	readonly body: Uint8Array;
	readonly signature: string | undefined;
	/** Whose token came with it. */
	readonly account: MenderAccount | undefined;
}

/** What the answers are made of. */
export interface MenderWorld {
	readonly devices: DeviceRegister;
	readonly tokenKey: KeyObject;
	readonly tokenEndS: number;
	readonly releaseOf: (artifactName: string) => readonly ReleaseFile[];
	readonly onAttributes?: (account: MenderAccount) => void;
	readonly link: (file: { readonly artifactName: string; readonly filename: string }) => { readonly uri: string; readonly expire: string };
}

export interface MenderAnswer {
	readonly status: number;
	readonly json?: unknown;
	readonly jwt?: string;
}

/** In Mender's shape of an error. */
export const refuse = (status: number, error: string): MenderAnswer => ({ status, json: { error } });

/** Answers as Mender's server does. Throws a MenderError for a body that is malformed. */
export const answerMender = (request: MenderRequest, world: MenderWorld): MenderAnswer => {
	const { method, resource, body, account } = request;
	const allowed = resource.kind === 'next' ? METHODS[`next-v${resource.version}`] : METHODS[resource.kind];
	if (!allowed.includes(method)) return refuse(405, `${method} of ${resource.kind}: only ${allowed.join(', ')}`);
	if (resource.kind === 'auth-requests') return authenticate(request, world);
	if (!account) return refuse(401, 'unauthorized');
	switch (resource.kind) {
		case 'attributes': {
			const given = parseAttributes(body);
			const kept = method === 'PUT' ? [] : account.attributes.filter(({ name }) => !given.some((each) => each.name === name));
			account.attributes = [...kept, ...given];
			world.onAttributes?.(account);
			return { status: 200 };
		}
		case 'next':
			return showNext(request, { world, account });
		case 'status':
		case 'log': {
			const deployment = account.deployments.find(({ id }) => id === resource.deploymentId);
			if (!deployment) return refuse(404, `there is no deployment ${resource.deploymentId} of this device`);
			if (resource.kind === 'status') {
				const status = deployment.takeStatus(parseStatusReport(body));
				return status === 204 ? { status } : refuse(status, `Deployment ${deployment.status}`);
			}
			deployment.log = parseMenderLog(body).messages;
			return { status: 204 };
		}
	}
};

const METHODS: Readonly<Record<Exclude<MenderResource['kind'], 'next'> | 'next-v1' | 'next-v2', readonly string[]>> = {
	'auth-requests': ['POST'],
	attributes: ['PATCH', 'PUT'],
	'next-v1': ['GET'],
	'next-v2': ['POST'],
	status: ['PUT'],
	log: ['PUT'],
};

const authenticate = ({ body, signature }: MenderRequest, { devices, tokenKey, tokenEndS }: MenderWorld): MenderAnswer => {
	const { id_data: idData, pubkey } = parseAuthRequest(body);
	if (signature === undefined || !isRequestSigned(body, { signature, pubkey })) return refuse(401, 'signature verification failed');
	const admitted = devices.admit({ idData, pubkey });
	if (!admitted) return refuse(401, 'dev auth: unauthorized');
	return { status: 200, jwt: issueToken({ jti: admitted.tokenId, sub: admitted.account.deviceId, exp: tokenEndS }, tokenKey) };
};

/** The oldest deployment that is not finished; those that need nothing of the device are finished on the way. */
const showNext = (
	{ resource, body, query }: MenderRequest,
	{ world, account }: { readonly world: MenderWorld; readonly account: MenderAccount },
): MenderAnswer => {
	const isFirst = resource.kind === 'next' && resource.version === 1;
	const provides = isFirst ? Object.fromEntries(query) : parseNextRequest(body).device_provides;
	const { artifact_name: artifactName, device_type: deviceType } = provides;
	if (!artifactName || !deviceType) return refuse(400, 'artifact_name and device_type are required');
	for (const deployment of account.deployments) {
		if (deployment.isFinished) continue;
		if (deployment.status === 'pending' && deployment.artifactName === artifactName) {
			deployment.enter('already-installed');
			continue;
		}
		const file = world.releaseOf(deployment.artifactName).find(({ deviceTypes }) => deviceTypes.includes(deviceType));
		if (file) return { status: 200, json: describe(deployment, { file, world }) };
		deployment.enter('noartifact');
	}
	return { status: 204 };
};

const describe = ({ id, artifactName }: DeviceDeployment, { file, world }: { readonly file: ReleaseFile; readonly world: MenderWorld }): MenderDeployment => ({
	id,
	artifact: {
		artifact_name: artifactName,
		source: world.link({ artifactName, filename: file.artifact.filename }),
		device_types_compatible: [...file.deviceTypes],
	},
});
