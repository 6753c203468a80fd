import type { JobExecution, JobExecutionState, JobRejection } from './job-execution.js';
import { jobsTopic } from './topics.js';

/** Largest payload that the service reads, bytes: the broker's own limit. */
export const MAX_REQUEST_BYTES = 131_072;
/** Most summaries of one status in a list, and in a notification. */
export const MAX_SUMMARIES = 15;
const MAX_TOKEN_LENGTH = 64;
const STEP_TIMEOUT_MINUTES = { min: 1, max: 10_080 };

/** Why a request is refused; becomes the `rejected` message. */
export interface Refusal {
	readonly code: JobRejection;
	readonly message: string;
	/** Only with InvalidStateTransition and VersionMismatch. */
	readonly executionState?: JobExecutionState;
}

/** The fields of all four requests; each reads its own. */
export interface JobsRequest {
	readonly clientToken: string | undefined;
	readonly status: string | undefined;
	readonly statusDetails: Readonly<Record<string, string>> | undefined;
	readonly expectedVersion: number | undefined;
	readonly executionNumber: number | undefined;
	readonly includeJobExecutionState: boolean;
	/** undefined where not given: the default differs between describe (true) and update (false). */
	readonly includeJobDocument: boolean | undefined;
	/** -1 stops the step timer. */
	readonly stepTimeoutInMinutes: number | undefined;
}

export type ParsedRequest =
	| { readonly ok: true; readonly request: JobsRequest }
	| { readonly ok: false; readonly clientToken: string | undefined; readonly refusal: Refusal };

/** Reads the JSON of a request. Never throws: what is wrong is a refusal, with the token where it could be read. */
export const parseJobsRequest = (payload: Uint8Array): ParsedRequest => {
	if (payload.length > MAX_REQUEST_BYTES)
		return refuse(undefined, 'InvalidRequest', `a request holds at most ${MAX_REQUEST_BYTES} bytes, got ${payload.length}`);
	let value: unknown;
	try {
		value = JSON.parse(utf8.decode(payload));
	} catch (error) {
		return refuse(undefined, 'InvalidJson', `the payload is not JSON in UTF-8: ${(error as Error).message.slice(0, 100)}`);
	}
	if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(undefined, 'InvalidRequest', 'the payload must be a JSON object');
	const fields = value as Readonly<Record<string, unknown>>;
	const token = own(fields, 'clientToken');
	if (token !== undefined && !(typeof token === 'string' && token.length <= MAX_TOKEN_LENGTH)) {
		return refuse(undefined, 'InvalidRequest', `clientToken must be text of at most ${MAX_TOKEN_LENGTH} characters`);
	}
	const wrong = findWrongField(fields);
	if (wrong !== undefined) return refuse(token, 'InvalidRequest', wrong);
	return {
		ok: true,
		request: {
			clientToken: token,
			status: own(fields, 'status') as string | undefined,
			statusDetails: own(fields, 'statusDetails') as Record<string, string> | undefined,
			expectedVersion: own(fields, 'expectedVersion') as number | undefined,
			executionNumber: own(fields, 'executionNumber') as number | undefined,
			includeJobExecutionState: own(fields, 'includeJobExecutionState') === true,
			includeJobDocument: own(fields, 'includeJobDocument') as boolean | undefined,
			stepTimeoutInMinutes: own(fields, 'stepTimeoutInMinutes') as number | undefined,
		},
	};
};

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Absent and null are the same to a request: some client libraries send null for what is not set. */
const own = (fields: Readonly<Record<string, unknown>>, name: string): unknown => (Object.hasOwn(fields, name) ? (fields[name] ?? undefined) : undefined);

const refuse = (clientToken: string | undefined, code: JobRejection, message: string): ParsedRequest => ({
	ok: false,
	clientToken,
	refusal: { code, message },
});

const findWrongField = (fields: Readonly<Record<string, unknown>>): string | undefined => {
	for (const name of ['expectedVersion', 'executionNumber']) {
		const value = own(fields, name);
		if (value !== undefined && !(Number.isSafeInteger(value) && (value as number) >= 0)) return `${name} must be a whole number of at least 0`;
	}
	for (const name of ['includeJobExecutionState', 'includeJobDocument']) {
		const value = own(fields, name);
		if (value !== undefined && typeof value !== 'boolean') return `${name} must be true or false`;
	}
	if (own(fields, 'status') !== undefined && typeof own(fields, 'status') !== 'string') return 'status must be text';
	const minutes = own(fields, 'stepTimeoutInMinutes');
	if (minutes !== undefined && minutes !== -1) {
		const inRange = Number.isInteger(minutes) && (minutes as number) >= STEP_TIMEOUT_MINUTES.min && (minutes as number) <= STEP_TIMEOUT_MINUTES.max;
		if (!inRange) return `stepTimeoutInMinutes must be -1 or a whole number from ${STEP_TIMEOUT_MINUTES.min} to ${STEP_TIMEOUT_MINUTES.max}`;
	}
	return findWrongDetail(own(fields, 'statusDetails'));
};

const DETAIL_KEY = /^[a-zA-Z0-9:_-]{1,128}$/;
const CONTROL_CHARACTER = /\p{Cc}/u;

const findWrongDetail = (details: unknown): string | undefined => {
	if (details === undefined) return undefined;
	if (typeof details !== 'object' || Array.isArray(details)) return 'statusDetails must be an object of texts';
	for (const [key, value] of Object.entries(details as object)) {
		if (!DETAIL_KEY.test(key)) return `statusDetails: a key is 1-128 of [a-zA-Z0-9:_-], got ${JSON.stringify(key.slice(0, 140))}`;
		if (typeof value !== 'string') return `statusDetails.${key} must be text`;
		if (value.length < 1 || value.length > 1024) return `statusDetails.${key} must have 1-1024 characters, got ${value.length}`;
		if (CONTROL_CHARACTER.test(value)) return `statusDetails.${key} must hold no control characters`;
	}
	return undefined;
};

/** Fields as the wire names them. The document is text that is already JSON, so that one document is encoded once for a whole fleet. */
export const encodeExecution = (execution: JobExecution, document: string | undefined): string => {
	const text = JSON.stringify({
		jobId: execution.jobId,
		thingName: execution.thing,
		status: execution.status,
		statusDetails: execution.statusDetails,
		queuedAt: execution.queuedAtS,
		startedAt: execution.startedAtS,
		lastUpdatedAt: execution.lastUpdatedAtS,
		versionNumber: execution.versionNumber,
		executionNumber: execution.executionNumber,
	});
	return document === undefined ? text : `${text.slice(0, -1)},"jobDocument":${document}}`;
};

export const encodeSummaries = (executions: readonly JobExecution[]): string =>
	JSON.stringify(
		executions.slice(0, MAX_SUMMARIES).map((execution) => ({
			jobId: execution.jobId,
			queuedAt: execution.queuedAtS,
			startedAt: execution.startedAtS,
			lastUpdatedAt: execution.lastUpdatedAtS,
			versionNumber: execution.versionNumber,
			executionNumber: execution.executionNumber,
		})),
	);

/** Joins `"name":json` members that are there; undefined ones are left out. */
export const encodeObject = (members: Readonly<Record<string, string | undefined>>): Buffer => {
	let text = '';
	for (const [name, json] of Object.entries(members)) if (json !== undefined) text += `${text === '' ? '{' : ','}"${name}":${json}`;
	return Buffer.from(text === '' ? '{}' : `${text}}`);
};

/** `$aws/things/{thing}/jobs/notify` and its payload; a status with nothing in it is left out. */
export const encodeNotify = (
	thing: string,
	content: { readonly nowS: number; readonly queued: readonly JobExecution[]; readonly inProgress: readonly JobExecution[] },
) => {
	const jobs = encodeObject({
		IN_PROGRESS: content.inProgress.length === 0 ? undefined : encodeSummaries(content.inProgress),
		QUEUED: content.queued.length === 0 ? undefined : encodeSummaries(content.queued),
	});
	return { thing, topic: jobsTopic(thing, 'notify'), payload: encodeObject({ timestamp: `${content.nowS}`, jobs: jobs.toString() }) };
};

/** `$aws/things/{thing}/jobs/notify-next` and its payload; no `execution` when the queue is empty. */
export const encodeNotifyNext = (thing: string, content: { readonly nowS: number; readonly execution: string | undefined }) => ({
	thing,
	topic: jobsTopic(thing, 'notify-next'),
	payload: encodeObject({ timestamp: `${content.nowS}`, execution: content.execution }),
});
