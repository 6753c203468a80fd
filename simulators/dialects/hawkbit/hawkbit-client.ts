import {
	DDI_MEDIA_TYPES,
	type DdiBase,
	DdiError,
	type DdiDeployment,
	type Execution,
	type Finished,
	encodeDdi,
	parseBase,
	parseDdiPath,
	parseDeployment,
	parseSleepMs,
	controllerPath,
} from '../../../harness/protocols/hawkbit-ddi/index.js';
import { decodeFields, encodeReportAsTexts } from '../../../harness/protocols/index.js';
import { HARDWARE_KEY } from '../../cloud/hawkbit/index.js';
import type { UpdateDocument } from '../../device/index.js';
import type { DialectPeer } from '../dialect.js';
import { type AskService, asSecured, NoAnswerError, SERVICE_URL, type ServiceAnswer, type ServiceClient } from '../service-client.js';

export const TENANT = 'DEFAULT';
/** Of a chunk's metadata: the key sets that go along with it. */
export const KEY_SETS_KEY = 'key-sets';
const MOST_CANCELLATIONS = 16;

/** A device's side of hawkBit's DDI API. The name of a job is the name of the deployment's chunk; actions have numbers of hawkBit's own. */
export class HawkbitClient implements ServiceClient {
	pollMs = 30_000;
	readonly #peer: DialectPeer;
	readonly #ask: AskService;
	readonly #rootUrl: string;
	/** Names of jobs by action, as far as they were seen over this connection. */
	readonly #jobs = new Map<string, string>();
	#taken: string | undefined;

	constructor(peer: DialectPeer, ask: AskService) {
		this.#peer = peer;
		this.#ask = ask;
		this.#rootUrl = SERVICE_URL + controllerPath({ tenant: TENANT, controllerId: peer.device.id });
	}

	async greet(): Promise<void> {
		await this.#base();
	}

	async next(): Promise<{ readonly jobId: string; readonly update: UpdateDocument } | undefined> {
		const deployment = await this.#current();
		if (!deployment) return undefined;
		const { jobId, update } = readOffer(deployment);
		this.#taken = jobId;
		await this.#feedback(deployment.id, { execution: 'download' });
		return { jobId, update };
	}

	async stands(jobId: string): Promise<boolean> {
		const deployment = await this.#current();
		return deployment !== undefined && readOffer(deployment).jobId === jobId;
	}

	async tell(jobId: string, status: 'under-way' | 'success' | 'failure', reason: string | undefined): Promise<boolean> {
		const actionId = [...this.#jobs].find(([, job]) => job === jobId)?.[0] ?? (await this.#current())?.id;
		if (actionId === undefined || this.#jobs.get(actionId) !== jobId) return false;
		const told = status === 'under-way' ? ({ execution: 'proceeding' } as const) : ({ execution: 'closed', finished: status } as const);
		const answer = await this.#feedback(actionId, { ...told, details: reason === undefined ? [] : [reason] });
		return answer.status === 200;
	}

	async report(payload: Uint8Array): Promise<void> {
		await this.#send('PUT', `${this.#rootUrl}/configData`, { mode: 'replace', data: encodeReportAsTexts(payload) });
	}

	async poll(): Promise<'nothing' | 'withdrawn' | { readonly jobId: string }> {
		const { cancelAction, deploymentBase } = (await this.#base())._links;
		if (cancelAction) {
			const actionId = idOf(cancelAction.href);
			if (this.#jobOf(actionId) !== undefined && this.#jobOf(actionId) === this.#peer.device.unfinished?.job) return 'withdrawn';
			await this.#answerCancellation(actionId);
			return 'nothing';
		}
		if (!deploymentBase || (this.#taken !== undefined && this.#jobs.get(idOf(deploymentBase.href)) === this.#taken)) return 'nothing';
		const deployment = await this.#read(deploymentBase.href);
		return deployment ? { jobId: readOffer(deployment).jobId } : 'nothing';
	}

	/** What the device is to install, once every cancellation before it is answered. */
	async #current(): Promise<DdiDeployment | undefined> {
		for (let times = 0; times < MOST_CANCELLATIONS; times++) {
			const { cancelAction, deploymentBase } = (await this.#base())._links;
			if (cancelAction) await this.#answerCancellation(idOf(cancelAction.href));
			else return deploymentBase && this.#read(deploymentBase.href);
		}
		return undefined;
	}

	/** What is over is not undone: such a cancellation is refused. */
	async #answerCancellation(actionId: string): Promise<void> {
		const { unfinished } = this.#peer.device;
		const isTooLate = unfinished?.phase === 'over' && unfinished.job === this.#jobOf(actionId);
		await this.#send('POST', `${this.#rootUrl}/cancelAction/${actionId}/feedback`, {
			status: isTooLate
				? { execution: 'rejected', result: { finished: 'none' }, details: ['the installation is over'] }
				: { execution: 'closed', result: { finished: 'success' }, details: [] },
		});
	}

	/** hawkBit shows a device one action at a time: one that it has begun and not ended can be no other. */
	#jobOf(actionId: string): string | undefined {
		return this.#jobs.get(actionId) ?? this.#peer.device.unfinished?.job;
	}

	async #base(): Promise<DdiBase> {
		const { status, body } = await this.#get(this.#rootUrl);
		if (status !== 200) throw new NoAnswerError(`link: status ${status}`);
		const base = readOr(() => parseBase(body, 'json'));
		this.pollMs = Math.max(1_000, parseSleepMs(base.config.polling.sleep));
		return base;
	}

	async #read(href: string): Promise<DdiDeployment | undefined> {
		const { status, body } = await this.#get(href);
		if (status !== 200) return undefined;
		const deployment = readOr(() => parseDeployment(body, 'json'));
		this.#jobs.set(deployment.id, readOffer(deployment).jobId);
		return deployment;
	}

	#feedback(
		actionId: string,
		{ execution, finished = 'none', details = [] }: { readonly execution: Execution; readonly finished?: Finished; readonly details?: readonly string[] },
	): Promise<ServiceAnswer> {
		return this.#send('POST', `${this.#rootUrl}/deploymentBase/${actionId}/feedback`, { status: { execution, result: { finished }, details } });
	}

	#get(url: string): Promise<ServiceAnswer> {
		return this.#ask({ method: 'GET', url, headers: { accept: DDI_MEDIA_TYPES.json, ...hawkbitHeaders(this.#peer.secret) } });
	}

	#send(method: 'PUT' | 'POST', url: string, body: object): Promise<ServiceAnswer> {
		const headers = { accept: DDI_MEDIA_TYPES.json, 'content-type': DDI_MEDIA_TYPES.json, ...hawkbitHeaders(this.#peer.secret) };
		return this.#ask({ method, url, headers, body: encodeDdi(body, 'json') });
	}
}

export const hawkbitHeaders = (token: string): Readonly<Record<string, string>> => ({ authorization: `TargetToken ${token}` });

const idOf = (href: string): string => {
	const resource = parseDdiPath(new URL(href, SERVICE_URL).pathname)?.resource;
	if (!resource || !('actionId' in resource)) throw new NoAnswerError('protocol: a link that is of no action');
	return resource.actionId;
};

/** What cannot be read is no answer. */
const readOr = <Body>(parse: () => Body): Body => {
	try {
		return parse();
	} catch (error) {
		if (error instanceof DdiError) throw new NoAnswerError(`protocol: ${error.message}`, { cause: error });
		throw error;
	}
};

const readOffer = ({ deployment }: DdiDeployment): { readonly jobId: string; readonly update: UpdateDocument } => {
	const [chunk] = deployment.chunks;
	const [artifact] = chunk?.artifacts ?? [];
	const href = artifact?._links.download?.href ?? artifact?._links['download-http']?.href;
	if (!chunk || !artifact || href === undefined || artifact.hashes.sha256 === undefined)
		throw new NoAnswerError('protocol: a deployment of one file with its SHA-256 was expected');
	const metadata = (key: string): string | undefined => chunk.metadata?.find((each) => each.key === key)?.value;
	return {
		jobId: chunk.name,
		update: {
			stream: chunk.name,
			url: asSecured(href),
			fileId: 0,
			sizeBytes: artifact.size,
			version: chunk.version,
			hardware: metadata(HARDWARE_KEY) ?? '',
			digest: artifact.hashes.sha256,
			keySets: readKeySets(metadata(KEY_SETS_KEY)),
		},
	};
};

const readKeySets = (text = '[]'): readonly string[] => {
	const sets = decodeFields(Buffer.from(`{"sets":${text}}`), 'json')?.['sets'];
	if (!(Array.isArray(sets) && sets.every((one) => typeof one === 'string')))
		throw new NoAnswerError(`protocol: ${KEY_SETS_KEY}: a list of texts was expected`);
	return sets;
};
