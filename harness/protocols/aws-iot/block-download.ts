import { createBitmap } from './bitmap.js';
import { decodeFields, encodeBlockRequest, parseBlockData, STREAM_LIMITS, type StreamFormat } from './stream-codec.js';
import { streamTopic } from './topics.js';

export interface BlockDownloadOptions {
	readonly thing: string;
	readonly stream: string;
	readonly fileId: number;
	readonly sizeBytes: number;
	/** 256-131,072. */
	readonly blockSizeBytes: number;
	/** Most blocks one request asks for; lowered to what the service answers at once (128 KiB). */
	readonly windowBlocks: number;
	readonly format: StreamFormat;
	/** Version the stream must have; a republished stream is then refused, not mixed. */
	readonly streamVersion?: number;
	send(topic: string, payload: Uint8Array): void;
	/** Whether a block is stored already; asked again before each request. */
	hasBlock(block: number): boolean;
	/** A new block of the right length. It counts as stored only once `hasBlock` says so. */
	onBlock(block: number, bytes: Uint8Array): void;
	/** Called once, when no block is missing. */
	onDone(): void;
	/** The service refused a request; `requestMore` may be called again. */
	onRejected(code: string, text: string): void;
}

export interface BlockDownloadStats {
	readonly requests: number;
	/** Data messages, whatever became of them. */
	readonly received: number;
	readonly duplicates: number;
	readonly wrongSize: number;
	readonly wrongFile: number;
	readonly outOfRange: number;
	readonly malformed: number;
	/** After the last block was there. */
	readonly late: number;
}

/**
 * The device's side of a file download by blocks: asks for the missing ones, a window at a time, and for the next
 * window once the last is complete. It has no timer: whoever owns it calls `requestMore` at the start and after silence.
 */
export class BlockDownload {
	/** Filters to subscribe, for every stream of the thing, so that they last for all downloads. */
	readonly subscriptions: readonly string[];
	readonly blocks: number;
	readonly windowBlocks: number;
	readonly #options: BlockDownloadOptions;
	readonly #dataTopic: string;
	readonly #rejectedTopic: string;
	readonly #requestTopic: string;
	readonly #awaited = new Set<number>();
	readonly #stats = { requests: 0, received: 0, duplicates: 0, wrongSize: 0, wrongFile: 0, outOfRange: 0, malformed: 0, late: 0 };
	/** No block below it was missing when it was last looked at. */
	#first = 0;
	#done = false;

	constructor(options: BlockDownloadOptions) {
		assertDownload(options);
		const { thing, stream, format } = options;
		this.#options = options;
		this.subscriptions = [streamTopic(thing, '+', `data/${format}`), streamTopic(thing, '+', `rejected/${format}`)];
		this.#dataTopic = streamTopic(thing, stream, `data/${format}`);
		this.#rejectedTopic = streamTopic(thing, stream, `rejected/${format}`);
		this.#requestTopic = streamTopic(thing, stream, `get/${format}`);
		this.blocks = Math.ceil(options.sizeBytes / options.blockSizeBytes);
		this.windowBlocks = Math.min(options.windowBlocks, Math.max(1, Math.floor(STREAM_LIMITS.maxAnswerBytes / options.blockSizeBytes)));
	}

	get stats(): BlockDownloadStats {
		return { ...this.#stats };
	}

	/** Blocks asked for and not yet received. */
	get awaitedBlocks(): number {
		return this.#awaited.size;
	}

	/** Asks for the next missing blocks, or ends the download where none is missing. What was asked for before is asked for again. */
	requestMore(): void {
		if (this.#done) return;
		const missing = this.#findMissing();
		const offset = missing[0];
		if (offset === undefined) {
			this.#done = true;
			this.#options.onDone();
			return;
		}
		this.#awaited.clear();
		for (const block of missing) this.#awaited.add(block);
		this.#stats.requests++;
		const { fileId, blockSizeBytes, streamVersion, format } = this.#options;
		const bitmap = createBitmap(missing, offset);
		this.#options.send(
			this.#requestTopic,
			encodeBlockRequest({ version: streamVersion, fileId, blockSizeBytes, offset, count: missing.length, bitmap }, format),
		);
	}

	/** Takes a message; false where its topic is not this download's. */
	receive(topic: string, payload: Uint8Array): boolean {
		if (topic === this.#dataTopic) {
			this.#receiveBlock(payload);
			return true;
		}
		if (topic !== this.#rejectedTopic) return false;
		const fields = decodeFields(payload, this.#options.format);
		if (fields === undefined || typeof fields.o !== 'string') this.#stats.malformed++;
		else if (this.#done) this.#stats.late++;
		else this.#options.onRejected(fields.o, typeof fields.m === 'string' ? fields.m : '');
		return true;
	}

	#receiveBlock(payload: Uint8Array): void {
		const stats = this.#stats;
		stats.received++;
		if (this.#done) {
			stats.late++;
			return;
		}
		const data = parseBlockData(payload, this.#options.format);
		if (data === undefined) stats.malformed++;
		else if (data.fileId !== this.#options.fileId) stats.wrongFile++;
		else if (data.block >= this.blocks) stats.outOfRange++;
		else if (data.bytes.length !== this.#sizeOf(data.block)) stats.wrongSize++;
		else if (this.#options.hasBlock(data.block)) stats.duplicates++;
		else {
			this.#options.onBlock(data.block, data.bytes);
			this.#awaited.delete(data.block);
			if (this.#awaited.size === 0) this.requestMore();
		}
	}

	#sizeOf(block: number): number {
		const { sizeBytes, blockSizeBytes } = this.#options;
		return Math.min(blockSizeBytes, sizeBytes - block * blockSizeBytes);
	}

	#findMissing(): number[] {
		const missing = this.#scan();
		if (missing.length > 0 || this.#first === 0) return missing;
		// What was stored may be gone again, where a write failed and took its neighbours along: one more look from the start.
		this.#first = 0;
		return this.#scan();
	}

	#scan(): number[] {
		while (this.#first < this.blocks && this.#options.hasBlock(this.#first)) this.#first++;
		const missing: number[] = [];
		const end = Math.min(this.blocks, this.#first + STREAM_LIMITS.maxBitmapBytes * 8);
		for (let block = this.#first; block < end && missing.length < this.windowBlocks; block++) if (!this.#options.hasBlock(block)) missing.push(block);
		return missing;
	}
}

const assertDownload = ({ sizeBytes, blockSizeBytes, windowBlocks }: BlockDownloadOptions): void => {
	const { minBlockBytes, maxBlockBytes, maxBlocks } = STREAM_LIMITS;
	if (!(Number.isSafeInteger(sizeBytes) && sizeBytes > 0)) throw new RangeError(`sizeBytes: a whole number above 0 was expected, got ${sizeBytes}`);
	if (!(Number.isInteger(blockSizeBytes) && blockSizeBytes >= minBlockBytes && blockSizeBytes <= maxBlockBytes)) {
		throw new RangeError(`blockSizeBytes: ${minBlockBytes}-${maxBlockBytes} was expected, got ${blockSizeBytes}`);
	}
	if (!(Number.isInteger(windowBlocks) && windowBlocks > 0)) throw new RangeError(`windowBlocks: a whole number above 0 was expected, got ${windowBlocks}`);
	if (Math.ceil(sizeBytes / blockSizeBytes) > maxBlocks)
		throw new RangeError(`sizeBytes: at most ${maxBlocks} blocks were expected, got ${Math.ceil(sizeBytes / blockSizeBytes)}`);
};
