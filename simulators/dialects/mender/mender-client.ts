import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { createSigningKey } from '../../../harness/firmware/index.js';
import {
	type MenderArtifactHead,
	type MenderDeployment,
	MenderError,
	type MenderResource,
	menderPath,
	openMenderHead,
	parseMenderDeployment,
	type ReportedStatus,
	signRequest,
} from '../../../harness/protocols/mender/index.js';
import { encodeReportAsTexts } from '../../../harness/protocols/index.js';
import type { UpdateDocument } from '../../device/index.js';
import type { DialectPeer } from '../dialect.js';
import { type AskService, asSecured, NoAnswerError, SERVICE_URL, type ServiceAnswer, type ServiceClient } from '../service-client.js';

/** Mender's clients ask every half an hour by themselves; a fleet that is watched asks more often. */
const POLL_MS = 30_000;
/** An artifact's version, manifest and header have room in it, as they are written here. */
const HEAD_BYTES = 8_192;

/** What an artifact is called: a device that runs it says so. */
export const artifactNameOf = ({ version, digest }: { readonly version: string; readonly digest: string }): string => `${version}+${digest.slice(0, 12)}`;

/** Made from the device's secret, as if it had been put in with it. */
export const menderKeyOf = (secret: string): KeyObject => createSigningKey(createHash('sha256').update(`mender ${secret}`).digest()).privateKey;

export const publicPemOf = (key: KeyObject): string => createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();

/**
 * A device's side of Mender's device API. It has no room for an artifact beside its slot: it reads the beginning of one that is not
 * compressed, and then fetches by Range the image that lies in it. A job is a deployment, by its id.
 */
export class MenderClient implements ServiceClient {
	readonly pollMs = POLL_MS;
	readonly #peer: DialectPeer;
	readonly #ask: AskService;
	#token: string | undefined;
	#taken: string | undefined;

	constructor(peer: DialectPeer, ask: AskService) {
		this.#peer = peer;
		this.#ask = ask;
	}

	async greet(): Promise<void> {
		const key = menderKeyOf(this.#peer.secret);
		const body = Buffer.from(JSON.stringify({ id_data: identityOf(this.#peer.device.id), pubkey: publicPemOf(key) }));
		const headers = { 'content-type': 'application/json', 'x-men-signature': signRequest(body, key) };
		const answer = await this.#ask({ method: 'POST', url: SERVICE_URL + menderPath({ kind: 'auth-requests' }), headers, body });
		this.#token = Buffer.from(answer.body).toString().trim();
		if (answer.status !== 200 || !/^[\w.~+/=-]+$/.test(this.#token)) throw new NoAnswerError(`refused: status ${answer.status}`);
	}

	async next(): Promise<{ readonly jobId: string; readonly update: UpdateDocument } | undefined> {
		const deployment = await this.#askNext();
		if (!deployment) return undefined;
		const { id: jobId, artifact } = deployment;
		const url = artifact.source.uri;
		const { head, containerBytes } = await this.#readHead(url);
		if (!(await this.#status(jobId, 'downloading'))) return undefined;
		this.#taken = jobId;
		const { hardware } = this.#peer.device;
		return {
			jobId,
			update: {
				stream: jobId,
				url: asSecured(url),
				fileId: 0,
				sizeBytes: head.sizeBytes,
				container: { offsetBytes: head.offsetBytes, sizeBytes: containerBytes },
				version: head.artifactName.replace(/\+[0-9a-f]{12}$/, ''),
				hardware: head.deviceTypes.includes(hardware) ? hardware : (head.deviceTypes[0] ?? ''),
				digest: head.digest,
				keySets: [],
			},
		};
	}

	/** Mender says only to who reports a status that nobody wants it any more. */
	async stands(jobId: string): Promise<boolean> {
		const { unfinished } = this.#peer.device;
		if (unfinished?.job === jobId && unfinished.phase === 'over') return true;
		return this.#status(jobId, unfinished?.job === jobId && unfinished.phase === 'trial' ? 'rebooting' : 'downloading');
	}

	async tell(jobId: string, status: 'under-way' | 'success' | 'failure', reason: string | undefined): Promise<boolean> {
		if (status === 'failure') {
			const timestamp = new Date(this.#peer.clock.epochMs).toISOString();
			await this.#send('PUT', { kind: 'log', deploymentId: jobId }, { messages: [{ timestamp, level: 'error', message: reason ?? 'it failed' }] });
		}
		return this.#status(jobId, status === 'under-way' ? 'rebooting' : status);
	}

	async report(payload: Uint8Array): Promise<void> {
		const attributes = Object.entries(encodeReportAsTexts(payload)).map(([name, value]) => ({ name, value }));
		await this.#send('PUT', { kind: 'attributes' }, attributes);
	}

	async poll(): Promise<'nothing' | 'withdrawn' | { readonly jobId: string }> {
		const { unfinished } = this.#peer.device;
		if (unfinished !== undefined && unfinished.phase !== 'over') return (await this.stands(unfinished.job)) ? 'nothing' : 'withdrawn';
		const deployment = await this.#askNext();
		return deployment && deployment.id !== this.#taken ? { jobId: deployment.id } : 'nothing';
	}

	async #askNext(): Promise<MenderDeployment | undefined> {
		const { hardware, running } = this.#peer.device;
		const provides = { device_type: hardware, artifact_name: artifactNameOf(running) };
		const { status, body } = await this.#send('POST', { kind: 'next', version: 2 }, { device_provides: provides });
		if (status === 204) return undefined;
		if (status !== 200) throw new NoAnswerError(`link: status ${status}`);
		return readOr(() => parseMenderDeployment(body));
	}

	/** The link is good by itself: no token goes there. */
	async #readHead(url: string): Promise<{ readonly head: MenderArtifactHead; readonly containerBytes: number }> {
		const { status, body, headers } = await this.#ask({ method: 'GET', url, headers: { range: `bytes=0-${HEAD_BYTES - 1}` } });
		const range = /^bytes 0-\d+\/(\d+)$/.exec(headers['content-range'] ?? '');
		if (status !== 206 || !range) throw new NoAnswerError(`link: status ${status} for the beginning of an artifact`);
		return { head: readOr(() => openMenderHead(body)), containerBytes: Number(range[1]) };
	}

	/** False where the deployment is over for the server. */
	async #status(deploymentId: string, status: ReportedStatus): Promise<boolean> {
		const answer = await this.#send('PUT', { kind: 'status', deploymentId }, { status });
		return answer.status === 204 || answer.status === 200;
	}

	#send(method: 'PUT' | 'POST', resource: MenderResource, body: unknown): Promise<ServiceAnswer> {
		const headers = { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' };
		return this.#ask({ method, url: SERVICE_URL + menderPath(resource), headers, body: Buffer.from(JSON.stringify(body)) });
	}
}

export const identityOf = (thing: string): string => JSON.stringify({ id: thing });

/** What cannot be read is no answer. */
const readOr = <Body>(parse: () => Body): Body => {
	try {
		return parse();
	} catch (error) {
		if (error instanceof MenderError) throw new NoAnswerError(`protocol: ${error.message}`, { cause: error });
		throw error;
	}
};
