import { createPublicKey, type KeyObject } from 'node:crypto';
import type { MenderMemory, MenderOutcome, MenderRequestKind, MenderStep } from './mender-device-step.js';
import { MenderError } from './mender-error.js';
import { type MenderAttribute, type MenderDeployment, parseMenderDeployment, type ReportedStatus } from './mender-messages.js';
import { type MenderResource, menderPath } from './mender-path.js';
import { signRequest } from './request-signature.js';

export interface MenderDeviceOptions {
	/** `http://host:port`; the API's paths are below it. */
	readonly serverUrl: string;
	readonly identity: Readonly<Record<string, string>>;
	/** The device's own: RSA, ECDSA or Ed25519. */
	readonly key: KeyObject;
	readonly deviceType: string;
	/** The artifact that runs. */
	readonly artifactName: string;
	readonly attributes?: readonly MenderAttribute[];
	readonly tenantToken?: string;
	/** What was kept before a restart. */
	readonly memory?: MenderMemory;
	/** What the bootloader says of an installation that the restart came from; one that nothing is known of has failed. */
	readonly outcome?: MenderOutcome;
	/** Between polls. Default half an hour. */
	readonly pollMs?: number;
	/** Until the next try where something failed, was refused or is pending. Default a minute. */
	readonly retryMs?: number;
	/** Time of log entries, milliseconds since the epoch. */
	readonly epochMs: () => number;
}

export interface MenderReply {
	readonly status: number;
	readonly body: Uint8Array;
}

type Request = Omit<Extract<MenderStep, { kind: 'request' }>, 'headers'>;
type Todo = Request | Exclude<MenderStep, { kind: 'request' }>;

const UNFINISHED: MenderOutcome = { result: 'failure', log: ['the installation did not come to its end'] };
const MOST_TOKEN_BYTES = 1 << 14;

/**
 * The device's side of Mender's device API as a state machine without a socket or a clock: `step` is what is to be done, and one of
 * the methods says how that went. A deployment is installed once: its outcome is kept and told until the server answers.
 */
export class MenderDevice {
	memory: MenderMemory;
	readonly #options: MenderDeviceOptions;
	readonly #retryMs: number;
	#todo: Todo[] = [];
	#signed: MenderStep | undefined;
	#areAttributesKnown = false;
	#next: 1 | 2 = 2;

	constructor(options: MenderDeviceOptions) {
		this.#options = options;
		this.#retryMs = options.retryMs ?? 60_000;
		this.memory = options.memory ?? {};
		const { deploymentId, stage, outcome } = this.memory;
		if (deploymentId === undefined) return;
		if (stage === 'installing') this.#end(deploymentId, options.outcome ?? UNFINISHED);
		else if (stage === 'over' && outcome) this.#end(deploymentId, outcome);
	}

	get step(): MenderStep {
		const step = this.#todo[0] ?? this.#ask();
		if (step.kind !== 'request') return step;
		const { token } = this.memory;
		if (token !== undefined) return { ...step, headers: { authorization: `Bearer ${token}`, ...(step.body && { 'content-type': 'application/json' }) } };
		this.#signed ??= this.#authenticate();
		return this.#signed;
	}

	/** The server's answer to a request. One that cannot be read changes nothing, and the device asks again later. */
	answered({ status, body }: MenderReply): void {
		const { step } = this;
		if (step.kind !== 'request') throw new TypeError(`answered: the step is ${step.kind}, no request`);
		if (step.what === 'authenticate') return this.#admitted(status, body);
		if (status === 401) return this.#refused();
		switch (step.what) {
			case 'attributes':
				this.#areAttributesKnown = true;
				return this.#done();
			case 'next':
				return this.#told(status, body);
			case 'log':
				return status >= 500 ? this.failed() : this.#done();
			default:
				return this.#reported(step.what, status);
		}
	}

	/** No answer came at all. */
	failed(): void {
		this.#todo.unshift({ kind: 'wait', forMs: this.#retryMs });
	}

	waited(): void {
		this.#expect('wait');
		this.#done();
	}

	downloaded(result: 'whole' | { readonly problem: string }): void {
		const { deployment } = this.#expect('download');
		this.#todo = [];
		if (result !== 'whole') return this.#end(deployment.id, { result: 'failure', log: [result.problem] });
		this.#report(deployment.id, 'installing');
		this.#todo.push({ kind: 'install', deployment });
	}

	/** Before anything is written: what is kept says so, should the power go. */
	installing(): void {
		this.#expect('install');
		this.memory = { ...this.memory, stage: 'installing' };
	}

	/** `to-be-run`: written, and its outcome known only behind a restart. */
	installed(result: MenderOutcome | 'to-be-run'): void {
		const { deployment } = this.#expect('install');
		this.#todo = [];
		if (result !== 'to-be-run') return this.#end(deployment.id, result);
		this.#report(deployment.id, 'rebooting');
		this.#todo.push({ kind: 'restart', deploymentId: deployment.id });
	}

	discarded(): void {
		this.#expect('discard');
		this.#done();
	}

	#ask(): Request {
		const { deviceType, artifactName, attributes = [] } = this.#options;
		const provides = { device_type: deviceType, artifact_name: artifactName };
		if (!this.#areAttributesKnown) {
			const all = [...Object.entries(provides).map(([name, value]) => ({ name, value })), ...attributes];
			return this.#request('attributes', { resource: { kind: 'attributes' }, method: 'PUT', body: all });
		}
		if (this.#next === 2) return this.#request('next', { resource: { kind: 'next', version: 2 }, method: 'POST', body: { device_provides: provides } });
		const asked = this.#request('next', { resource: { kind: 'next', version: 1 }, method: 'GET' });
		return { ...asked, url: `${asked.url}?${new URLSearchParams(provides)}` };
	}

	#authenticate(): MenderStep {
		const { identity, key, tenantToken } = this.#options;
		const pubkey = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
		const asked = this.#request('authenticate', {
			resource: { kind: 'auth-requests' },
			method: 'POST',
			body: { id_data: JSON.stringify(identity), pubkey, ...(tenantToken !== undefined && { tenant_token: tenantToken }) },
		});
		return { ...asked, headers: { 'content-type': 'application/json', 'x-men-signature': signRequest(asked.body ?? new Uint8Array(0), key) } };
	}

	#admitted(status: number, body: Uint8Array): void {
		this.#signed = undefined;
		const token = Buffer.from(body.subarray(0, MOST_TOKEN_BYTES)).toString().trim();
		if (status === 200 && body.length <= MOST_TOKEN_BYTES && /^[\w.~+/=-]+$/.test(token)) this.memory = { ...this.memory, token };
		else this.failed();
	}

	/** The token is over, or was taken back: another is asked for, in a while. */
	#refused(): void {
		const { token: _over, ...memory } = this.memory;
		this.memory = memory;
		this.failed();
	}

	#told(status: number, body: Uint8Array): void {
		if (status === 204) {
			this.#next = 2;
			return this.#wait();
		}
		if (status !== 200) {
			// As Mender's own client does: a server without v2 is asked by v1, once for each poll.
			if (this.#next === 2 && status >= 400) this.#next = 1;
			else {
				this.#next = 2;
				this.failed();
			}
			return;
		}
		try {
			this.#begin(parseMenderDeployment(body));
		} catch (error) {
			if (!(error instanceof MenderError)) throw error;
			this.failed();
		}
	}

	/** A deployment whose outcome is known is told again and never installed again. */
	#begin(deployment: MenderDeployment): void {
		const { id, artifact } = deployment;
		const { settled } = this.memory;
		if (settled?.deploymentId === id) return this.#end(id, settled.outcome);
		const { deviceType } = this.#options;
		const types = artifact.device_types_compatible;
		if (!types.includes(deviceType))
			return this.#end(id, { result: 'failure', log: [`the artifact is for ${types.join(', ')}; this device is ${deviceType}`] });
		this.memory = { ...this.memory, deploymentId: id, stage: 'downloading' };
		this.#report(id, 'downloading');
		this.#todo.push({ kind: 'download', deployment });
	}

	#reported(what: 'progress' | 'outcome', status: number): void {
		const isOver = status === 409 || status === 404;
		if (status !== 204 && status !== 200 && !isOver && status !== 400) return this.failed();
		if (what === 'outcome') return this.#settle();
		if (!isOver) return this.#done();
		const { deploymentId = '', stage } = this.memory;
		this.#forget();
		this.#todo = stage === 'installing' ? [{ kind: 'discard', deploymentId }] : [];
		this.#wait();
	}

	#settle(): void {
		const { token, deploymentId, outcome } = this.memory;
		this.memory = { ...(token !== undefined && { token }), ...(deploymentId !== undefined && outcome && { settled: { deploymentId, outcome } }) };
		this.#done();
	}

	#end(deploymentId: string, outcome: MenderOutcome): void {
		this.memory = { ...this.memory, deploymentId, stage: 'over', outcome };
		const timestamp = new Date(this.#options.epochMs()).toISOString();
		const messages = outcome.log.map((message) => ({ timestamp, level: 'error', message }));
		if (outcome.result === 'failure') this.#todo.push(this.#request('log', { resource: { kind: 'log', deploymentId }, method: 'PUT', body: { messages } }));
		this.#report(deploymentId, outcome.result);
		this.#wait();
	}

	#report(deploymentId: string, status: ReportedStatus): void {
		const what = status === 'success' || status === 'failure' ? 'outcome' : 'progress';
		this.#todo.push(this.#request(what, { resource: { kind: 'status', deploymentId }, method: 'PUT', body: { status } }));
	}

	#forget(): void {
		const { deploymentId: _id, stage: _stage, outcome: _outcome, ...kept } = this.memory;
		this.memory = kept;
	}

	#wait(): void {
		this.#todo.push({ kind: 'wait', forMs: this.#options.pollMs ?? 1_800_000 });
	}

	#done(): void {
		this.#todo.shift();
	}

	#request(
		what: MenderRequestKind,
		{ resource, method, body }: { readonly resource: MenderResource; readonly method: 'GET' | 'POST' | 'PUT'; readonly body?: unknown },
	): Request {
		const url = this.#options.serverUrl.replace(/\/$/, '') + menderPath(resource);
		return { kind: 'request', what, method, url, ...(body !== undefined && { body: Buffer.from(JSON.stringify(body)) }) };
	}

	#expect<K extends MenderStep['kind']>(kind: K): Extract<MenderStep, { kind: K }> {
		const { step } = this;
		if (step.kind !== kind) throw new TypeError(`${kind}: the step is ${step.kind}`);
		return step as Extract<MenderStep, { kind: K }>;
	}
}
