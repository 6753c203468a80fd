import { createHash } from 'node:crypto';
import type { Clock } from '../../../harness/time/index.js';
import { acceptAnswer } from './accept-answer.js';
import type { ArtifactSink } from './artifact-sink.js';
import { DownloadError, type DownloadProblem } from './download-error.js';
import type { HttpPort } from './http-port.js';
import { requestArtifact } from './request-artifact.js';

export interface DownloadOptions {
	readonly url: string;
	readonly sizeBytes: number;
	/** In hexadecimal digits; `algorithm` as Node names it, `sha256` by default. Without it whoever gave the sink verifies what it has. */
	readonly digest?: string;
	readonly algorithm?: 'sha256' | 'sha1';
	readonly sink: ArtifactSink;
	readonly http: HttpPort;
	readonly clock: Clock;
	readonly headers?: Readonly<Record<string, string>>;
	readonly limits?: Partial<DownloadLimits>;
	readonly signal?: AbortSignal;
}

export interface DownloadLimits {
	/** Requests in a row that bring no byte. */
	readonly attempts: number;
	/** Times that everything kept is thrown away since its digest is wrong or more came than the image has. */
	readonly restarts: number;
	readonly redirects: number;
	/** Between two pieces of a body, and before its head. */
	readonly idleMs: number;
	readonly totalMs: number;
	readonly retryWaitMs: number;
	/** However long a server asks to be left alone. */
	readonly mostRetryWaitMs: number;
}

export const DOWNLOAD_LIMITS: DownloadLimits = {
	attempts: 5,
	restarts: 1,
	redirects: 5,
	idleMs: 30_000,
	totalMs: 3_600_000,
	retryWaitMs: 1000,
	mostRetryWaitMs: 60_000,
};

export interface Download {
	readonly requests: number;
	readonly problems: readonly DownloadProblem[];
	/** All bytes of bodies that came, thrown away ones too. */
	readonly receivedBytes: number;
}

/**
 * Downloads an image into its sink: what is kept already is continued by Range under If-Range, and the whole is verified at its
 * end where there is a digest. Memory, time, redirects and repeats are bounded. Throws a DownloadError with all problems met; the sink keeps what may be
 * continued.
 */
export const downloadArtifact = (options: DownloadOptions): Promise<Download> => new ArtifactDownload(options).run();

class ArtifactDownload {
	readonly #options: DownloadOptions;
	readonly #limits: DownloadLimits;
	readonly #problems: DownloadProblem[] = [];
	readonly #deadlineMs: number;
	#requests = 0;
	#receivedBytes = 0;
	#fruitless = 0;
	#restarts = 0;

	constructor(options: DownloadOptions) {
		this.#options = options;
		this.#limits = { ...DOWNLOAD_LIMITS, ...options.limits };
		this.#deadlineMs = options.clock.nowMs + this.#limits.totalMs;
	}

	async run(): Promise<Download> {
		const { sink, sizeBytes } = this.#options;
		if (sink.sizeBytes > sizeBytes) sink.clear();
		for (;;) {
			const receivedBefore = this.#receivedBytes;
			try {
				if (sink.sizeBytes < sizeBytes) await this.#attempt();
				this.#verify();
				return { requests: this.#requests, problems: this.#problems, receivedBytes: this.#receivedBytes };
			} catch (cause) {
				const error = asDownloadError(cause, this.#options.url);
				this.#fruitless = this.#receivedBytes > receivedBefore ? 0 : this.#fruitless + 1;
				await this.#survive(error);
			}
		}
	}

	/** Waits for the next attempt, or throws what ends the download. */
	async #survive(error: DownloadError): Promise<void> {
		const { clock } = this.#options;
		this.#problems.push(error.code);
		error.problems = this.#problems;
		if (error.isFinal || this.#fruitless >= this.#limits.attempts) throw error;
		if (error.code === 'too-long' && ++this.#restarts > this.#limits.restarts) throw error;
		const waitMs = Math.min(error.retryAfterMs ?? this.#limits.retryWaitMs, this.#limits.mostRetryWaitMs);
		if (clock.nowMs + waitMs >= this.#deadlineMs) throw this.#final('out-of-time', error);
		await clock.sleep(waitMs, 'the next attempt of a download');
		if (this.#options.signal?.aborted) throw this.#final('cancelled', error);
	}

	#final(code: 'out-of-time' | 'cancelled', cause: DownloadError): DownloadError {
		this.#problems.push(code);
		const error = new DownloadError(code, `${this.#options.url}: ${code}; last: ${cause.message}`, { cause });
		error.problems = this.#problems;
		return error;
	}

	async #attempt(): Promise<void> {
		const { sink, http, url, sizeBytes, headers = {}, signal: cancelled } = this.#options;
		const watch = new AttemptWatch(this.#options.clock, { idleMs: this.#limits.idleMs, deadlineMs: this.#deadlineMs, url, cancelled });
		try {
			this.#requests++;
			const range = sink.sizeBytes === 0 ? {} : { range: `bytes=${sink.sizeBytes}-`, ...(sink.validator === undefined ? {} : { 'if-range': sink.validator }) };
			const answer = await requestArtifact(http, {
				url,
				headers: { ...headers, 'accept-encoding': 'identity', ...range },
				mostRedirects: this.#limits.redirects,
				signal: watch.signal,
				onAnswer: () => watch.touch(),
			});
			acceptAnswer(answer, { sink, sizeBytes, url });
			for await (const piece of answer.body) {
				watch.touch();
				this.#keep(piece);
			}
			if (sink.sizeBytes < sizeBytes) throw new DownloadError('cut', `${url}: ended at ${sink.sizeBytes} of ${sizeBytes} bytes`);
		} catch (cause) {
			throw watch.problem ?? cause;
		} finally {
			watch.end();
		}
	}

	#keep(piece: Uint8Array): void {
		const { sink, sizeBytes, url } = this.#options;
		this.#receivedBytes += piece.length;
		if (sink.sizeBytes + piece.length > sizeBytes) {
			sink.clear();
			throw new DownloadError('too-long', `${url}: more than the ${sizeBytes} bytes of the image came`);
		}
		sink.append(piece);
	}

	#verify(): void {
		const { sink, url, algorithm = 'sha256', digest } = this.#options;
		if (digest === undefined) return;
		const hash = createHash(algorithm);
		for (const piece of sink.pieces()) hash.update(piece);
		const found = hash.digest('hex');
		if (found === digest.toLowerCase()) return;
		sink.clear();
		const isLast = ++this.#restarts > this.#limits.restarts;
		throw new DownloadError(isLast ? 'wrong-digest' : 'wrong-range', `${url}: ${algorithm} ${digest} was wanted, what came has ${found}`);
	}
}

/** Ends an attempt that is silent, late or called off, and tells why. */
class AttemptWatch {
	problem: DownloadError | undefined;
	readonly #controller = new AbortController();
	readonly #clock: Clock;
	readonly #options: { readonly idleMs: number; readonly deadlineMs: number; readonly url: string; readonly cancelled: AbortSignal | undefined };
	#timer: { cancel(): void };

	constructor(
		clock: Clock,
		options: { readonly idleMs: number; readonly deadlineMs: number; readonly url: string; readonly cancelled: AbortSignal | undefined },
	) {
		this.#clock = clock;
		this.#options = options;
		this.#timer = this.#arm();
		options.cancelled?.addEventListener('abort', this.#onCancelled);
		if (options.cancelled?.aborted) this.#onCancelled();
	}

	get signal(): AbortSignal {
		return this.#controller.signal;
	}

	touch(): void {
		this.#timer.cancel();
		this.#timer = this.#arm();
	}

	end(): void {
		this.#timer.cancel();
		this.#options.cancelled?.removeEventListener('abort', this.#onCancelled);
		this.#controller.abort();
	}

	#arm(): { cancel(): void } {
		const { idleMs, deadlineMs, url } = this.#options;
		const leftMs = deadlineMs - this.#clock.nowMs;
		if (leftMs <= idleMs) return this.#clock.after(Math.max(1, leftMs), () => this.#fail(new DownloadError('out-of-time', `${url}: not whole in its time`)));
		return this.#clock.after(idleMs, () => this.#fail(new DownloadError('silent', `${url}: no byte in ${idleMs} ms`)));
	}

	readonly #onCancelled = (): void => this.#fail(new DownloadError('cancelled', `${this.#options.url}: called off`));

	#fail(problem: DownloadError): void {
		this.problem ??= problem;
		this.#controller.abort(problem);
	}
}

/**
 * What a connection says when it breaks is a cut, and what TLS has against a certificate ends the download; anything else is a
 * mistake of ours and goes on up.
 */
export const asDownloadError = (cause: unknown, url: string): DownloadError => {
	if (cause instanceof DownloadError) return cause;
	const { code } = cause as NodeJS.ErrnoException;
	if (typeof code !== 'string') throw cause;
	if (UNTRUSTED.test(code)) return new DownloadError('untrusted', `${url}: ${code}: ${(cause as Error).message}`, { cause });
	if (!/^E[A-Z]+|^HPE_|^ERR_STREAM_PREMATURE_CLOSE/.test(code)) throw cause;
	return new DownloadError('cut', `${url}: ${(cause as Error).message}`, { cause });
};

/** Of OpenSSL's verification (X509_V_ERR), as Node names them, and Node's own on the names in a certificate. */
const UNTRUSTED = /^(CERT_|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|ERR_TLS_CERT_ALTNAME)/;
