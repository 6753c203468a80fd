import { JOB_REJECTIONS, JOB_STATUSES, type JobExecutionState, type JobRejection, type JobStatus } from './job-execution.js';
import { jobsTopic } from './topics.js';

export interface JobsClientOptions {
	readonly thing: string;
	/** Put before every client token. Give something new per boot where sessions are kept, so that an answer to the last boot is told apart. */
	readonly tokenPrefix?: string;
	send(topic: string, payload: Uint8Array): void;
}

/** An execution as a device learns of it. */
export interface DeviceExecution extends JobExecutionState {
	readonly jobId: string;
	readonly executionNumber: number | undefined;
	/** Absent where the request asked for none. */
	readonly jobDocument: unknown;
}

export interface StartNext {
	readonly statusDetails?: Readonly<Record<string, string>>;
	readonly stepTimeoutInMinutes?: number;
}

export interface JobUpdate {
	readonly status: 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'REJECTED';
	readonly statusDetails?: Readonly<Record<string, string>>;
	readonly expectedVersion?: number;
	readonly executionNumber?: number;
	readonly includeJobExecutionState?: boolean;
	readonly includeJobDocument?: boolean;
	readonly stepTimeoutInMinutes?: number;
}

export type JobsReply =
	| {
			readonly accepted: true;
			/** undefined: nothing is pending, or the request was an update. */
			readonly execution: DeviceExecution | undefined;
			readonly executionState?: JobExecutionState;
	  }
	| { readonly accepted: false; readonly code: JobRejection | 'unknown'; readonly message: string; readonly executionState?: JobExecutionState };

/** Messages consumed without effect, by reason. */
export interface JobsClientStats {
	readonly malformed: number;
	/** An answer to nobody's request: another client's, a late one, or one on the wrong topic. */
	readonly foreign: number;
	readonly retained: number;
}

type Done = (reply: JobsReply) => void;

/** Requests that wait for an answer at most; the oldest is forgotten beyond. */
const MAX_WAITING = 32;

/**
 * The device's side of Jobs, by callbacks: no promises, no timers. Whoever owns it sets deadlines and asks again.
 * Answers are matched by client token and by topic, and read with suspicion.
 */
export class JobsClient {
	/** Filters to subscribe, and to subscribe again after each connection; answers come without. */
	readonly subscriptions: readonly string[];
	/** Another execution became next; undefined when the queue ran empty. */
	onNextChanged: ((execution: DeviceExecution | undefined) => void) | undefined;
	/** An answer to a request of ours told the service's time, milliseconds since the epoch, in whole seconds. */
	onTime: ((epochMs: number) => void) | undefined;
	readonly #options: JobsClientOptions;
	readonly #prefix: string;
	readonly #waiting = new Map<string, { readonly topic: string; readonly done: Done }>();
	readonly #stats = { malformed: 0, foreign: 0, retained: 0 };
	#lastToken = 0;

	constructor(options: JobsClientOptions) {
		this.#options = options;
		this.#prefix = jobsTopic(options.thing, '');
		this.subscriptions = [`${this.#prefix}notify-next`];
	}

	get stats(): JobsClientStats {
		return { ...this.#stats };
	}

	startNext(options: StartNext, done: Done): void {
		this.#request('start-next', options, done);
	}

	/** Describes an execution with its document. */
	describe(jobId: string, done: Done): void {
		this.#request(`${jobId}/get`, { includeJobDocument: true }, done);
	}

	update(jobId: string, update: JobUpdate, done: Done): void {
		this.#request(`${jobId}/update`, update, done);
	}

	/** Forgets every request that waits, as after a cut connection; their callbacks are never called. */
	cancelPending(): void {
		this.#waiting.clear();
	}

	/** Takes a message; false where its topic is none of Jobs' for this thing. */
	receive(topic: string, payload: Uint8Array, options: { readonly retained?: boolean } = {}): boolean {
		if (!topic.startsWith(this.#prefix)) return false;
		const rest = topic.slice(this.#prefix.length);
		if (options.retained === true) {
			this.#stats.retained++;
			return true;
		}
		const message = parseMessage(payload);
		if (message === undefined) this.#stats.malformed++;
		else if (rest === 'notify-next') this.#receiveNext(message);
		else if (rest.endsWith('/accepted')) this.#receiveAnswer(rest.slice(0, -'/accepted'.length), message, readAccepted);
		else if (rest.endsWith('/rejected')) this.#receiveAnswer(rest.slice(0, -'/rejected'.length), message, readRejected);
		else this.#stats.foreign++;
		return true;
	}

	#request(topic: string, fields: object, done: Done): void {
		const clientToken = `${this.#options.tokenPrefix ?? ''}${++this.#lastToken}`;
		if (this.#waiting.size >= MAX_WAITING) this.#waiting.delete(this.#waiting.keys().next().value as string);
		this.#waiting.set(clientToken, { topic, done });
		this.#options.send(this.#prefix + topic, Buffer.from(JSON.stringify({ ...fields, clientToken })));
	}

	#receiveNext(message: Message): void {
		const execution = readExecution(message.execution);
		if (execution === 'malformed') this.#stats.malformed++;
		else this.onNextChanged?.(execution);
	}

	#receiveAnswer(topic: string, message: Message, read: (message: Message) => JobsReply | 'malformed'): void {
		const clientToken = message.clientToken;
		const waiting = typeof clientToken === 'string' ? this.#waiting.get(clientToken) : undefined;
		if (waiting === undefined || waiting.topic !== topic) {
			this.#stats.foreign++;
			return;
		}
		const reply = read(message);
		if (reply === 'malformed') {
			this.#stats.malformed++;
			return;
		}
		this.#waiting.delete(clientToken as string);
		const timestampS = Number(message.timestamp);
		if (Number.isSafeInteger(timestampS) && timestampS > 0) this.onTime?.(timestampS * 1_000);
		waiting.done(reply);
	}
}

type Message = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Message => typeof value === 'object' && value !== null && !Array.isArray(value);

const parseMessage = (payload: Uint8Array): Message | undefined => {
	try {
		const value: unknown = JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString());
		return isObject(value) ? value : undefined;
	} catch {
		// Not JSON: the caller counts it.
		return undefined;
	}
};

const readAccepted = (message: Message): JobsReply | 'malformed' => {
	const execution = readExecution(message.execution);
	const executionState = readState(message.executionState);
	if (execution === 'malformed' || executionState === 'malformed') return 'malformed';
	return { accepted: true, execution, ...(executionState === undefined ? {} : { executionState }) };
};

const readRejected = (message: Message): JobsReply | 'malformed' => {
	const executionState = readState(message.executionState);
	if (typeof message.code !== 'string' || executionState === 'malformed') return 'malformed';
	const code = JOB_REJECTIONS.find((known) => known === message.code) ?? 'unknown';
	const text = typeof message.message === 'string' ? message.message : '';
	return { accepted: false, code, message: text, ...(executionState === undefined ? {} : { executionState }) };
};

/** Both forms of "nothing is next" are read: no member, and an empty object. */
const readExecution = (value: unknown): DeviceExecution | undefined | 'malformed' => {
	if (value === undefined) return undefined;
	if (!isObject(value)) return 'malformed';
	if (Object.keys(value).length === 0) return undefined;
	const state = readState(value);
	if (state === 'malformed' || state === undefined || typeof value.jobId !== 'string') return 'malformed';
	const executionNumber = value.executionNumber;
	return {
		jobId: value.jobId,
		...state,
		executionNumber: typeof executionNumber === 'number' ? executionNumber : undefined,
		jobDocument: value.jobDocument,
	};
};

const readState = (value: unknown): JobExecutionState | undefined | 'malformed' => {
	if (value === undefined) return undefined;
	if (!isObject(value)) return 'malformed';
	const status = JOB_STATUSES.find((known): known is JobStatus => known === value.status);
	const versionNumber = value.versionNumber;
	const details = value.statusDetails ?? {};
	if (status === undefined || !Number.isSafeInteger(versionNumber) || !isObject(details)) return 'malformed';
	const statusDetails: Record<string, string> = {};
	for (const [key, text] of Object.entries(details)) if (typeof text === 'string') statusDetails[key] = text;
	return { status, statusDetails, versionNumber: versionNumber as number };
};
