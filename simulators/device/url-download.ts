import type { BlockDownloadStats } from '../../harness/protocols/index.js';
import { acceptAnswer, type ArtifactSink, asDownloadError, DownloadError, type HttpPort, requestArtifact } from '../cloud/artifacts/index.js';

export interface UrlDownloadOptions {
	readonly url: string;
	readonly sizeBytes: number;
	/** Where the file is a part of what the URL brings. */
	readonly container?: FileInContainer | undefined;
	readonly blockSizeBytes: number;
	readonly http: HttpPort;
	readonly userAgent: string;
	/** Sent with each request. */
	readonly headers?: Readonly<Record<string, string>>;
	/** Whether a block is stored already; asked again before each request. */
	hasBlock(block: number): boolean;
	/** A new block. It counts as stored only once `hasBlock` says so. */
	onBlock(block: number, bytes: Uint8Array): void;
	/** A block that was asked for has come, new or not. */
	onArrived(): void;
	/** A request ended early. */
	onCut(): void;
	/** Called once, when no block is missing. */
	onDone(): void;
	/** So many requests brought nothing. */
	onRejected(code: string, text: string): void;
	/** Does a piece of the device's own doing, unless what it belongs to is over by now. */
	run(work: () => void): void;
	after(delayMs: number, work: () => void): void;
}

export interface FileInContainer {
	readonly offsetBytes: number;
	/** Of the whole. */
	readonly sizeBytes: number;
}

const MOST_REDIRECTS = 5;
/** Requests in a row without a new block. With the waits between them a server has some six minutes to come to itself. */
const MOST_FRUITLESS = 10;
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 60_000;

/**
 * Fetches a file by HTTP into blocks: from the first one that is missing, by Range under the ETag that the others came under.
 * It has no patience of its own: whoever owns it calls `requestMore` after silence, and what was asked for before is given up.
 */
export class UrlDownload {
	readonly #options: UrlDownloadOptions;
	readonly #stats = { requests: 0, received: 0, duplicates: 0, wrongSize: 0, wrongFile: 0, outOfRange: 0, malformed: 0, late: 0 };
	#validator: string | undefined;
	#request: AbortController | undefined;
	#fruitless = 0;
	/** Behind a failure: nothing is asked for meanwhile, whoever wants it. */
	#isPausing = false;
	#isDone = false;

	constructor(options: UrlDownloadOptions) {
		this.#options = options;
	}

	get stats(): BlockDownloadStats {
		return { ...this.#stats };
	}

	/** Nothing of it comes as a message. */
	receive(): false {
		return false;
	}

	/** Asks for all from the first missing block on, or ends the download where none is missing. */
	requestMore(): void {
		if (this.#isDone || this.#isPausing) return;
		this.stop();
		const first = this.#firstMissing();
		if (first === undefined) {
			this.#isDone = true;
			this.#options.onDone();
			return;
		}
		this.#stats.requests++;
		const request = new AbortController();
		this.#request = request;
		void this.#fetch(first, request.signal).catch((error: unknown) => {
			if (this.#request !== request) return;
			const problem = asDownloadError(error, this.#options.url);
			this.#options.run(() => this.#failed(problem));
		});
	}

	/** Gives up what is under way. */
	stop(): void {
		this.#request?.abort();
		this.#request = undefined;
	}

	async #fetch(first: number, signal: AbortSignal): Promise<void> {
		const { url, http, sizeBytes, blockSizeBytes, run, container = { offsetBytes: 0, sizeBytes } } = this.#options;
		const place = new Place(container.offsetBytes + first * blockSizeBytes, this.#validator);
		const headers = {
			...this.#options.headers,
			'accept-encoding': 'identity',
			'user-agent': this.#options.userAgent,
			range: `bytes=${place.sizeBytes}-`,
			...(this.#validator !== undefined && { 'if-range': this.#validator }),
		};
		const answer = await requestArtifact(http, { url, headers, mostRedirects: MOST_REDIRECTS, signal, onAnswer: () => {} });
		acceptAnswer(answer, { sink: place, sizeBytes: container.sizeBytes, url });
		this.#validator = place.validator;
		let at = place.sizeBytes - container.offsetBytes;
		let begun: Uint8Array[] = [];
		for await (const piece of answer.body) {
			if (container.offsetBytes + at + piece.length > container.sizeBytes)
				throw new DownloadError('too-long', `${url}: more than the ${container.sizeBytes} bytes of the image came`);
			// What lies before the file comes where everything comes, whatever was asked for.
			const before = Math.min(piece.length, Math.max(0, -at));
			at += before;
			for (let taken = before; taken < piece.length && at < sizeBytes && !signal.aborted; ) {
				const block = Math.floor(at / blockSizeBytes);
				const wanted = Math.min(blockSizeBytes * (block + 1), sizeBytes) - at;
				const part = piece.subarray(taken, taken + wanted);
				begun.push(part);
				taken += part.length;
				at += part.length;
				if (part.length < wanted) break;
				const bytes = Buffer.concat(begun);
				begun = [];
				run(() => this.#take(block, { bytes, isAsked: block >= first }));
			}
			if (signal.aborted) return;
		}
		if (at < sizeBytes) throw new DownloadError('cut', `${url}: ended at ${at} of ${sizeBytes} bytes`);
		run(() => this.requestMore());
	}

	#take(block: number, { bytes, isAsked }: { readonly bytes: Uint8Array; readonly isAsked: boolean }): void {
		this.#stats.received++;
		if (isAsked) this.#options.onArrived();
		if (this.#options.hasBlock(block)) {
			this.#stats.duplicates++;
			return;
		}
		this.#fruitless = 0;
		this.#options.onBlock(block, bytes);
		if (this.#firstMissing() === undefined) this.requestMore();
	}

	#failed({ code, message, retryAfterMs }: DownloadError): void {
		this.stop();
		this.#options.onCut();
		if (++this.#fruitless >= MOST_FRUITLESS) return this.#options.onRejected(code, message);
		const waitMs = Math.min(retryAfterMs ?? FIRST_WAIT_MS * 2 ** (this.#fruitless - 1), LONGEST_WAIT_MS);
		this.#isPausing = true;
		this.#options.after(waitMs, () => {
			this.#isPausing = false;
			this.requestMore();
		});
	}

	#firstMissing(): number | undefined {
		const { sizeBytes, blockSizeBytes, hasBlock } = this.#options;
		const blocks = Math.ceil(sizeBytes / blockSizeBytes);
		for (let block = 0; block < blocks; block++) if (!hasBlock(block)) return block;
		return undefined;
	}
}

/** What an answer is judged against in place of a sink: where its body is to begin, and under which ETag. */
class Place implements ArtifactSink {
	sizeBytes: number;
	validator: string | undefined;

	constructor(sizeBytes: number, validator: string | undefined) {
		this.sizeBytes = sizeBytes;
		this.validator = validator;
	}

	clear(): void {
		this.sizeBytes = 0;
	}

	append(): void {
		throw new TypeError('append: blocks are kept elsewhere');
	}

	pieces(): Iterable<Uint8Array> {
		return [];
	}
}
