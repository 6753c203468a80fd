import {
	type BlockRequest,
	decodeFields,
	encodeFields,
	type JobRejection,
	jobsTopic,
	parseRequestTopic,
	readBlockRequest,
	reportTopic,
	type StreamFormat,
	streamTopic,
} from '../../harness/protocols/index.js';
import { encodeUpdateDocument, type UpdateDocument } from '../device/index.js';

/** What a device's program says to its service, in the words of AWS IoT Jobs and streams. */
export type ProgramRequest =
	| { readonly kind: 'start-next'; readonly token: unknown }
	/** Undefined: whatever comes next. */
	| { readonly kind: 'describe'; readonly jobId: string | undefined; readonly token: unknown }
	| { readonly kind: 'update'; readonly jobId: string; readonly status: string; readonly reason: string | undefined; readonly token: unknown }
	| { readonly kind: 'blocks'; readonly streamId: string; readonly format: StreamFormat; readonly asked: BlockRequest }
	| { readonly kind: 'report'; readonly payload: Uint8Array };

export interface ProgramMessage {
	readonly topic: string;
	readonly payload: Uint8Array;
}

/** Undefined for what only the default service has an answer to. */
export const readProgramRequest = (thing: string, { topic, payload }: ProgramMessage): ProgramRequest | undefined => {
	if (topic === reportTopic(thing)) return { kind: 'report', payload };
	const parsed = parseRequestTopic(topic);
	if (parsed?.service === 'streams' && parsed.request === 'get') {
		const { streamId, format } = parsed;
		const asked = readBlockRequest(decodeFields(payload, format) ?? {}, format);
		return 'code' in asked ? undefined : { kind: 'blocks', streamId, format, asked };
	}
	if (parsed?.service !== 'jobs') return undefined;
	const { clientToken: token, status, statusDetails } = decodeFields(payload, 'json') ?? {};
	if (parsed.request === 'start-next') return { kind: 'start-next', token };
	if (parsed.request === 'describe') return { kind: 'describe', jobId: parsed.jobId === '$next' ? undefined : parsed.jobId, token };
	if (parsed.request !== 'update') return undefined;
	const { reason } = (statusDetails ?? {}) as { readonly reason?: unknown };
	return { kind: 'update', jobId: parsed.jobId, status: String(status), reason: typeof reason === 'string' ? reason : undefined, token };
};

/** An answer in the same words: what the job is, that it stands, that an update of it was taken, or that it is over. */
export type ProgramAnswer = { readonly update?: UpdateDocument; readonly jobId?: string } | { readonly refused: JobRejection };

export const answerProgram = (thing: string, request: Exclude<ProgramRequest, { kind: 'blocks' | 'report' }>, answer: ProgramAnswer): ProgramMessage => {
	const rest = request.kind === 'start-next' ? request.kind : request.kind === 'describe' ? `${request.jobId ?? '$next'}/get` : `${request.jobId}/update`;
	const fields = 'refused' in answer ? { code: answer.refused, message: '' } : answer.jobId === undefined ? {} : { execution: execution(answer) };
	return {
		topic: jobsTopic(thing, `${rest}/${'refused' in answer ? 'rejected' : 'accepted'}`),
		payload: encodeFields({ ...fields, clientToken: request.token }, 'json'),
	};
};

/** A notice that something else comes next; without a job, that nothing does. */
export const noticeProgram = (thing: string, jobId: string | undefined): ProgramMessage => ({
	topic: jobsTopic(thing, 'notify-next'),
	payload: encodeFields(jobId === undefined ? {} : { execution: execution({ jobId }) }, 'json'),
});

export const blockForProgram = (
	thing: string,
	{ streamId, format, asked }: Extract<ProgramRequest, { kind: 'blocks' }>,
	{ block, bytes }: { readonly block: number; readonly bytes: Uint8Array },
): ProgramMessage => ({
	topic: streamTopic(thing, streamId, `data/${format}`),
	payload: encodeFields({ f: asked.fileId, l: bytes.length, i: block, p: bytes }, format),
});

/** These services number no changes of a job, and no attempts. */
const execution = ({ jobId, update }: { readonly jobId?: string; readonly update?: UpdateDocument }): object => ({
	jobId,
	status: 'IN_PROGRESS',
	statusDetails: {},
	versionNumber: 1,
	executionNumber: 1,
	...(update && { jobDocument: encodeUpdateDocument(update) }),
});
