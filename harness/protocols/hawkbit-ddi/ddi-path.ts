import { DdiError } from './ddi-error.js';

/** The resources of a controller, relative to `/{tenant}/controller/v1/{controllerId}` (hawkBit, DDI API v1). */
export type DdiResource =
	| { readonly kind: 'base' }
	| { readonly kind: 'configData' }
	| { readonly kind: ActionResource; readonly actionId: string }
	| { readonly kind: 'deploymentFeedback' | 'cancelFeedback' | 'confirmationFeedback'; readonly actionId: string }
	| { readonly kind: 'confirmation' | 'activateAutoConfirm' | 'deactivateAutoConfirm' }
	| { readonly kind: 'artifact'; readonly moduleId: string; readonly filename: string }
	| { readonly kind: 'md5sum'; readonly moduleId: string; readonly filename: string }
	| { readonly kind: 'artifacts'; readonly moduleId: string };

type ActionResource = 'deploymentBase' | 'cancelAction' | 'confirmationBase' | 'installedBase';

export interface DdiPath {
	readonly tenant: string;
	readonly controllerId: string;
	readonly resource: DdiResource;
}

/** hawkBit's own bound on a controller's and a tenant's name. */
const MOST_NAME_CHARACTERS = 256;
const MD5_SUFFIX = '.MD5SUM';

/** The path of a controller's root, without a slash at its end. */
export const controllerPath = ({ tenant, controllerId }: { readonly tenant: string; readonly controllerId: string }): string =>
	`/${encodeURIComponent(tenant)}/controller/v1/${encodeURIComponent(controllerId)}`;

/** Reads the path of a request, without its query; undefined where there is no such resource. A broken escape is a DdiError. */
export const parseDdiPath = (path: string): DdiPath | undefined => {
	const [root, tenant, controller, version, controllerId, ...rest] = path.split('/').map(decodeSegment);
	if (root !== '' || controller !== 'controller' || version !== 'v1' || !isName(tenant) || !isName(controllerId)) return undefined;
	const resource = parseResource(rest);
	return resource && { tenant, controllerId, resource };
};

const parseResource = ([first, second, third, fourth, ...beyond]: readonly string[]): DdiResource | undefined => {
	if (beyond.length > 0) return undefined;
	if (first === undefined) return { kind: 'base' };
	if (first === 'softwaremodules') return parseArtifact({ moduleId: second, artifacts: third, file: fourth });
	if (fourth !== undefined) return undefined;
	if (first === 'confirmationBase' && second === undefined) return { kind: 'confirmation' };
	if (first === 'configData' && second === undefined) return { kind: 'configData' };
	if (first === 'confirmationBase' && third === undefined && (second === 'activateAutoConfirm' || second === 'deactivateAutoConfirm')) return { kind: second };
	if (second === undefined || !ACTION_ID.test(second)) return undefined;
	const feedback = FEEDBACK[first];
	if (third === 'feedback' && feedback) return { kind: feedback, actionId: second };
	return third === undefined && isActionResource(first) ? { kind: first, actionId: second } : undefined;
};

const ACTION_ID = /^\d{1,15}$/;
const FEEDBACK: Readonly<Record<string, 'deploymentFeedback' | 'cancelFeedback' | 'confirmationFeedback' | undefined>> = Object.assign(Object.create(null), {
	deploymentBase: 'deploymentFeedback',
	cancelAction: 'cancelFeedback',
	confirmationBase: 'confirmationFeedback',
});

const isActionResource = (text: string): text is ActionResource =>
	text === 'deploymentBase' || text === 'cancelAction' || text === 'confirmationBase' || text === 'installedBase';

const parseArtifact = (found: {
	readonly moduleId: string | undefined;
	readonly artifacts: string | undefined;
	readonly file: string | undefined;
}): DdiResource | undefined => {
	const { moduleId, artifacts, file } = found;
	if (moduleId === undefined || !ACTION_ID.test(moduleId) || artifacts !== 'artifacts') return undefined;
	if (file === undefined) return { kind: 'artifacts', moduleId };
	if (file === '') return undefined;
	const isSum = file.endsWith(MD5_SUFFIX) && file.length > MD5_SUFFIX.length;
	return isSum ? { kind: 'md5sum', moduleId, filename: file.slice(0, -MD5_SUFFIX.length) } : { kind: 'artifact', moduleId, filename: file };
};

const isName = (text: string | undefined): text is string => text !== undefined && text.length > 0 && text.length <= MOST_NAME_CHARACTERS;

const decodeSegment = (segment: string): string => {
	try {
		return decodeURIComponent(segment);
	} catch (cause) {
		throw new DdiError('path', `${JSON.stringify(segment.slice(0, 40))} is no URL escape`, { cause });
	}
};
