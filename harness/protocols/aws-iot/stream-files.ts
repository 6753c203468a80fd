import { listBits } from './bitmap.js';
import { BlockMessages, type StreamFile, withToken } from './block-messages.js';
import type { Outgoing } from './outgoing.js';
import {
	type BlockRequest,
	decodeFields,
	encodeFields,
	readBlockRequest,
	readToken,
	STREAM_LIMITS,
	type StreamFormat,
	type StreamRefusal,
} from './stream-codec.js';
import { assertStreamId, parseRequestTopic, streamTopic } from './topics.js';

export interface StreamFilesOptions {
	/** Bytes of encoded blocks kept for the next device; default 32 MiB. */
	readonly cacheBytes?: number;
	/** Asked before each request; a code refuses it. */
	refuse?(thing: string, topic: string): 'RequestThrottled' | 'InternalError' | 'Unauthorized' | undefined;
}

export interface StreamUpload {
	readonly streamId: string;
	readonly description?: string;
	readonly files: readonly StreamFile[];
}

interface Stream {
	readonly version: number;
	readonly description: string;
	readonly files: ReadonlyMap<number, StreamFile>;
}

/** What was published at one moment. */
export type StreamsSnapshot = ReadonlyMap<string, Stream>;

type Answer = readonly Buffer[] | StreamRefusal;

const DEFAULT_CACHE_BYTES = 32 * 1024 * 1024;

/**
 * The file delivery service's state machine: published files, requests in, messages out. One request is answered with
 * at most 128 KiB of blocks (and at least one block); the device asks again for the rest, as with the real service.
 */
export class StreamFiles {
	readonly #options: StreamFilesOptions;
	readonly #streams = new Map<string, Stream>();
	readonly #messages: BlockMessages;

	constructor(options: StreamFilesOptions = {}) {
		this.#options = options;
		this.#messages = new BlockMessages({ maxBytes: options.cacheBytes ?? DEFAULT_CACHE_BYTES });
	}

	/** Makes files available and returns the stream's version: 1, and one more each time the same stream is published again. */
	publish(upload: StreamUpload): number {
		assertStreamId(upload.streamId);
		const files = new Map<number, StreamFile>();
		for (const file of upload.files) {
			const { fileId, bytes } = file;
			if (!(Number.isInteger(fileId) && fileId >= 0 && fileId <= STREAM_LIMITS.maxFileId))
				throw new RangeError(`fileId: 0-${STREAM_LIMITS.maxFileId} was expected, got ${fileId}`);
			if (files.has(fileId)) throw new RangeError(`files: file ${fileId} was given twice`);
			if (bytes.length === 0) throw new RangeError(`files: file ${fileId} is empty`);
			// A file of our own, so that the cache tells versions apart even where the caller reuses its object.
			files.set(fileId, { fileId, bytes });
		}
		const before = this.#streams.get(upload.streamId);
		for (const file of before?.files.values() ?? []) this.#messages.drop(file);
		const version = (before?.version ?? 0) + 1;
		this.#streams.set(upload.streamId, { version, description: upload.description ?? upload.streamId, files });
		return version;
	}

	/** A published file as it is at the moment. */
	file(streamId: string, fileId: number): Uint8Array | undefined {
		return this.#streams.get(streamId)?.files.get(fileId)?.bytes;
	}

	/** Everything published at the moment, for `restore`. */
	snapshot(): StreamsSnapshot {
		return new Map(this.#streams);
	}

	/** Goes back to a snapshot: streams that were published since are gone, and versions are the earlier ones. */
	restore(snapshot: StreamsSnapshot): void {
		this.#streams.clear();
		for (const [streamId, stream] of snapshot) this.#streams.set(streamId, stream);
	}

	/** Bytes of encoded blocks kept at the moment. */
	get cachedBytes(): number {
		return this.#messages.sizeBytes;
	}

	/** Answers one request of a thing. Empty where the topic is none of the streams' for that thing. Never throws for what a device sends. */
	handle(thing: string, topic: string, payload: Uint8Array): Outgoing[] {
		const request = parseRequestTopic(topic);
		if (request?.service !== 'streams' || request.thing !== thing) return [];
		const { format, streamId } = request;
		const fields = payload.length <= STREAM_LIMITS.maxRequestBytes ? decodeFields(payload, format) : undefined;
		const clientToken = fields && readToken(fields);
		const injected = this.#options.refuse?.(thing, topic);
		let answer: Answer;
		if (injected !== undefined) answer = { code: injected, message: 'the service refused the request' };
		else if (request.request === 'unknown') answer = { code: 'InvalidTopic', message: 'no operation of streams has this topic' };
		else if (payload.length > STREAM_LIMITS.maxRequestBytes)
			answer = { code: 'InvalidRequest', message: `a request holds at most ${STREAM_LIMITS.maxRequestBytes} bytes` };
		else if (fields === undefined) answer = { code: format === 'cbor' ? 'InvalidCbor' : 'InvalidJson', message: `the payload is no ${format} object` };
		else if (request.request === 'describe') answer = this.#describe(streamId, { fields, format });
		else answer = this.#get(streamId, { fields, format });
		if ('code' in answer) {
			const payloadRejected = encodeFields({ o: answer.code, m: answer.message, c: clientToken }, format);
			return [{ thing, topic: streamTopic(thing, streamId, `rejected/${format}`), payload: payloadRejected }];
		}
		const answerTopic = streamTopic(thing, streamId, `${request.request === 'describe' ? 'description' : 'data'}/${format}`);
		return answer.map((message) => ({ thing, topic: answerTopic, payload: message }));
	}

	#describe(streamId: string, ask: { readonly fields: Readonly<Record<string, unknown>>; readonly format: StreamFormat }): Answer {
		const token = readToken(ask.fields);
		if (ask.fields.c !== undefined && token === undefined) {
			return { code: 'InvalidRequest', message: `c must be text of at most ${STREAM_LIMITS.tokenBytes} bytes` };
		}
		const stream = this.#streams.get(streamId);
		if (stream === undefined) return { code: 'ResourceNotFound', message: 'there is no such stream' };
		const files = [...stream.files.values()].map((file) => ({ f: file.fileId, z: file.bytes.length }));
		return [encodeFields({ c: token, s: stream.version, d: stream.description, r: files }, ask.format)];
	}

	#get(streamId: string, ask: { readonly fields: Readonly<Record<string, unknown>>; readonly format: StreamFormat }): Answer {
		const request = readBlockRequest(ask.fields, ask.format);
		if ('code' in request) return request;
		const stream = this.#streams.get(streamId);
		if (stream === undefined) return { code: 'ResourceNotFound', message: 'there is no such stream' };
		if (request.version !== undefined && request.version !== stream.version) {
			return { code: 'VersionMismatch', message: `version ${request.version} was asked for, the stream has version ${stream.version}` };
		}
		const file = stream.files.get(request.fileId);
		if (file === undefined) return { code: 'ResourceNotFound', message: `the stream has no file ${request.fileId}` };
		const blocks = selectBlocks(request, file.bytes.length);
		if ('code' in blocks) return blocks;
		const { blockSizeBytes, clientToken } = request;
		const { format } = ask;
		return blocks.map((block) => {
			const message = this.#messages.get(file, { block, blockSizeBytes, format });
			return clientToken === undefined ? message : withToken(message, { clientToken, format });
		});
	}
}

/** Which blocks a request is answered with, ascending. */
const selectBlocks = (request: BlockRequest, sizeBytes: number): number[] | StreamRefusal => {
	const { blockSizeBytes, offset = 0, count, bitmap } = request;
	const end = Math.ceil(sizeBytes / blockSizeBytes);
	if (offset >= end) return { code: 'OffsetOutOfBounds', message: `o is ${offset}, the file has ${end} blocks of ${blockSizeBytes} bytes` };
	if (count === undefined && bitmap === undefined && sizeBytes > STREAM_LIMITS.maxAnswerBytes) {
		return { code: 'InvalidRequest', message: `n or b is needed for a file of more than ${STREAM_LIMITS.maxAnswerBytes} bytes` };
	}
	const limit = Math.min(count ?? end, Math.max(1, Math.floor(STREAM_LIMITS.maxAnswerBytes / blockSizeBytes)));
	if (bitmap !== undefined) return listBits(bitmap, { offset, end, limit });
	return Array.from({ length: Math.min(limit, end - offset) }, (_, index) => offset + index);
};
