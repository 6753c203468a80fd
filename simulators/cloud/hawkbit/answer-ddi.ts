import { createHash } from 'node:crypto';
import {
	type DdiAction,
	type DdiBase,
	type DdiFormat,
	type DdiResource,
	type DdiTarget,
	encodeSleep,
	type FeedbackAnswer,
	isClosed,
	parseConfigData,
	parseConfirmation,
	parseFeedback,
} from '../../../harness/protocols/hawkbit-ddi/index.js';
import { type DdiAnswer, notFound, refuse } from './ddi-answer.js';
import { describeArtifact, describeDeployment, type PublishedDistribution } from './distribution.js';

/** A request to one of a target's resources that are not files. */
export interface DdiRequest {
	readonly method: string;
	readonly resource: Exclude<DdiResource, { kind: 'artifact' }>;
	readonly query: URLSearchParams;
	readonly body: Uint8Array;
	/** Of the body. */
	readonly format: DdiFormat;
	/** The controller's root as the client reached it, through whatever proxy. */
	readonly rootUrl: string;
}

/** What the answers are made of. */
export interface DdiWorld {
	readonly target: DdiTarget;
	readonly distribution: (name: string) => PublishedDistribution;
	readonly sleepMs: number;
}

/** Answers as hawkBit does. Throws a DdiError for a body that is malformed. */
export const answerDdi = (request: DdiRequest, world: DdiWorld): DdiAnswer => {
	const { method, resource, body, format } = request;
	const { target } = world;
	const allowed = METHODS[resource.kind];
	if (!allowed.includes(method))
		return { ...refuse(405, { code: 'rest.methodNotAllowed', message: `${method} of ${resource.kind}: only ${allowed}` }), headers: { allow: allowed } };
	switch (resource.kind) {
		case 'base':
			return { status: 200, json: describeBase(request, world), etag: true };
		case 'configData':
			target.takeAttributes(parseConfigData(body, format));
			return { status: 200 };
		case 'deploymentBase':
			return showAction(request, world, { actionId: resource.actionId, isShown: ({ state }) => state !== 'canceling' && state !== 'wait-for-confirmation' });
		case 'installedBase':
			return showAction(request, world, { actionId: resource.actionId, isShown: ({ state }) => state === 'finished', closed: true });
		case 'confirmationBase':
			return showAction(request, world, { actionId: resource.actionId, isShown: ({ state }) => state === 'wait-for-confirmation' });
		case 'cancelAction':
			return target.action(resource.actionId)?.state === 'canceling'
				? { status: 200, json: { id: resource.actionId, cancelAction: { stopId: resource.actionId } } }
				: notFound(`action ${resource.actionId} is not to be cancelled`);
		case 'deploymentFeedback':
			return afterFeedback(target.takeFeedback(resource.actionId, parseFeedback(body, format)));
		case 'cancelFeedback':
			return afterFeedback(target.takeCancelFeedback(resource.actionId, parseFeedback(body, format)));
		case 'confirmationFeedback':
			return afterFeedback(target.takeConfirmation(resource.actionId, parseConfirmation(body, format)));
		case 'confirmation':
			return { status: 200, json: { autoConfirm: { active: target.autoConfirm } } };
		case 'activateAutoConfirm':
		case 'deactivateAutoConfirm':
			target.setAutoConfirm(resource.kind === 'activateAutoConfirm');
			return { status: 200 };
		case 'artifacts':
			return listArtifacts(resource.moduleId, request, world);
		case 'md5sum':
			return md5sum(resource, world);
	}
};

const METHODS: Readonly<Record<DdiRequest['resource']['kind'], string>> = {
	base: 'GET',
	configData: 'PUT',
	deploymentBase: 'GET',
	installedBase: 'GET',
	confirmationBase: 'GET',
	cancelAction: 'GET',
	deploymentFeedback: 'POST',
	cancelFeedback: 'POST',
	confirmationFeedback: 'POST',
	confirmation: 'GET',
	activateAutoConfirm: 'POST',
	deactivateAutoConfirm: 'POST',
	artifacts: 'GET',
	md5sum: 'GET',
};

const describeBase = ({ rootUrl }: DdiRequest, { target, distribution, sleepMs }: DdiWorld): DdiBase => {
	const { current, installed } = target;
	const link = current && linkOf(current);
	return {
		config: { polling: { sleep: encodeSleep(sleepMs) } },
		_links: {
			...(target.wantsAttributes && { configData: { href: `${rootUrl}/configData` } }),
			...(current &&
				link && { [link]: { href: `${rootUrl}/${link}/${current.id}${link === 'deploymentBase' ? `?c=${contentTag(current, distribution)}` : ''}` } }),
			...(installed && { installedBase: { href: `${rootUrl}/installedBase/${installed.id}` } }),
		},
	};
};

const linkOf = ({ state }: DdiAction): 'cancelAction' | 'confirmationBase' | 'deploymentBase' =>
	state === 'canceling' ? 'cancelAction' : state === 'wait-for-confirmation' ? 'confirmationBase' : 'deploymentBase';

/** Tells a client by the link alone whether the deployment is still the one it read. */
const contentTag = (action: DdiAction, distribution: DdiWorld['distribution']): string =>
	createHash('sha256')
		.update(JSON.stringify(describeDeployment(distribution(action.distribution), { type: action.type, rootUrl: '' })))
		.digest('hex')
		.slice(0, 8);

const showAction = (
	{ query, rootUrl, resource }: DdiRequest,
	{ target, distribution }: DdiWorld,
	{ actionId, isShown, closed = false }: { readonly actionId: string; readonly isShown: (action: DdiAction) => boolean; readonly closed?: boolean },
): DdiAnswer => {
	const action = target.action(actionId);
	if (action && isClosed(action.state) && !closed) return refuse(410, { code: 'action.notActive', message: `action ${actionId} is ${action.state}` });
	if (!action || !isShown(action)) return notFound(`there is no ${resource.kind} ${actionId} for ${target.controllerId}`);
	const deployment = describeDeployment(distribution(action.distribution), { type: action.type, rootUrl });
	const shown = resource.kind === 'confirmationBase' ? { confirmation: deployment } : { deployment };
	return { status: 200, json: { id: action.id, ...shown, ...describeHistory(action, query.get('actionHistory')) }, etag: true };
};

/** The newest first: `n` messages, all of them for a negative number, none where it is not asked. */
const describeHistory = ({ state, history }: DdiAction, asked: string | null) => {
	const limit = Number(asked ?? 0);
	if (!Number.isSafeInteger(limit) || limit === 0) return {};
	const messages = history.flatMap((entry) => entry.messages).reverse();
	return { actionHistory: { status: state.toUpperCase().replaceAll('-', '_'), messages: limit < 0 ? messages : messages.slice(0, limit) } };
};

const afterFeedback = (answer: FeedbackAnswer): DdiAnswer =>
	answer.status === 200 ? { status: 200 } : refuse(answer.status, { code: FEEDBACK_CODES[answer.status], message: answer.problem });

const FEEDBACK_CODES = { 403: 'quota.tooManyEntries', 404: 'repo.entitiyNotFound', 405: 'action.notCancelable', 410: 'action.notActive' } as const;

/** A module that was assigned to this target, now or before; others are none of its business. */
export const findModule = (moduleId: string, { target, distribution }: DdiWorld): PublishedDistribution['modules'][number] | undefined =>
	target.actions.flatMap((action) => distribution(action.distribution).modules).find(({ id }) => id === moduleId);

const listArtifacts = (moduleId: string, { rootUrl }: DdiRequest, world: DdiWorld): DdiAnswer => {
	const found = findModule(moduleId, world);
	if (!found) return notFound(`there is no module ${moduleId} for ${world.target.controllerId}`);
	return { status: 200, json: found.artifacts.map((artifact) => describeArtifact(artifact, `${rootUrl}/softwaremodules/${moduleId}/artifacts`)) };
};

const md5sum = ({ moduleId, filename }: { readonly moduleId: string; readonly filename: string }, world: DdiWorld): DdiAnswer => {
	const artifact = findModule(moduleId, world)?.artifacts.find((each) => each.filename === filename);
	return artifact ? { status: 200, text: `${artifact.hashes.md5}  ${filename}` } : notFound(`there is no ${filename} in module ${moduleId}`);
};
