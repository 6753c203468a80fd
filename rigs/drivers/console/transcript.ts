import type { ConsoleLine, ConsoleMark, ConsoleMatch, ConsolePattern, ExpectOptions } from '../../../harness/ports/index.js';
import { monotonicMs } from '../monotonic.js';
import { ConsoleError } from './console-error.js';
import type { ConsoleRecord } from './console-record.js';
import { LineFeed } from './line-feed.js';
import { decodeLossily } from './lossy-text.js';
import type { PatternHit } from './pattern-search.js';
import { ReceivedBytes } from './received-bytes.js';
import { Seeker } from './seeker.js';

/** Everything a board said, in the order record, memory, lines, searches; and the waits on it. */
export class Transcript implements Disposable {
	readonly name: string;
	readonly received: ReceivedBytes;
	readonly #record: ConsoleRecord | undefined;
	readonly #lines: LineFeed;
	readonly #seekers = new Set<Seeker>();
	readonly #waits = new Set<(error: Error) => void>();
	#cursor = 0;
	#lastByteMs = monotonicMs();
	#failures: readonly Error[] = [];
	/** Said at the end of a message about something that did not come. */
	state = '';

	constructor({ name, keepBytes, record }: { readonly name: string; readonly keepBytes: number; readonly record?: ConsoleRecord | undefined }) {
		this.name = name;
		this.received = new ReceivedBytes(keepBytes);
		this.#record = record;
		this.#lines = new LineFeed(this.received, 0);
	}

	get cursorBytes(): number {
		return this.#cursor;
	}

	take(chunk: Uint8Array, atMs: number): void {
		if (chunk.length === 0) return;
		try {
			this.#record?.append(chunk, atMs);
		} catch (error) {
			this.fail(error instanceof Error ? error : new Error(String(error)));
		}
		this.received.append(chunk, atMs);
		this.#lastByteMs = atMs;
		for (const seeker of [...this.#seekers]) seeker.look();
		this.#lines.feed(chunk);
	}

	mark(): ConsoleMark {
		return { offsetBytes: this.received.endBytes, atMs: monotonicMs() };
	}

	/** Makes waits without `from` begin there. Never goes back. */
	advance(to: ConsoleMark): void {
		this.#cursor = Math.max(this.#cursor, to.offsetBytes);
	}

	expect(patterns: ConsolePattern | readonly ConsolePattern[], { withinMs, from, signal }: ExpectOptions): Promise<ConsoleMatch> {
		const startBytes = from?.offsetBytes ?? this.#cursor;
		if (from !== undefined) this.#assertInReach(from);
		return this.#wait(
			{ withinMs, signal, missing: () => `${describePatterns(patterns)}: nothing in ${withinMs} ms; ${this.#whatCame(startBytes)}` },
			(resolve) =>
				new Seeker(this.received, patterns, {
					from: startBytes,
					found: (hit) => {
						const match = this.#toMatch(hit);
						this.advance(match.end);
						resolve(match);
						return 'enough';
					},
				}),
		);
	}

	/** Calls `found` for every match from now on, until what it returns is called. */
	search(patterns: readonly ConsolePattern[], found: (match: ConsoleMatch) => void): () => void {
		const seeker = new Seeker(this.received, patterns, {
			from: this.received.endBytes,
			eager: true,
			found: (hit) => {
				found(this.#toMatch(hit));
				return 'go on';
			},
		});
		this.#seekers.add(seeker);
		return () => this.#endSeeker(seeker);
	}

	/** Resolves when nothing came for `quietMs`, or after `withinMs`; at once when aborted. */
	async quiet({ quietMs, withinMs, signal }: { readonly quietMs: number; readonly withinMs: number; readonly signal?: AbortSignal }): Promise<void> {
		const startMs = monotonicMs();
		for (;;) {
			const nowMs = monotonicMs();
			const leftMs = Math.min(Math.max(this.#lastByteMs, startMs) + quietMs, startMs + withinMs) - nowMs;
			if (leftMs <= 0 || signal?.aborted === true || this.#failures.length > 0) return;
			await new Promise<void>((resolve) => {
				const timer = setTimeout(done, Math.ceil(leftMs));
				function done(): void {
					clearTimeout(timer);
					signal?.removeEventListener('abort', done);
					resolve();
				}
				signal?.addEventListener('abort', done, { once: true });
			});
		}
	}

	textSince(from: ConsoleMark, to?: ConsoleMark): string {
		const missing = Math.min(this.received.firstKeptBytes, to?.offsetBytes ?? Number.POSITIVE_INFINITY) - from.offsetBytes;
		const text = decodeLossily(this.received.view(from.offsetBytes, to?.offsetBytes));
		return missing > 0 ? `[${missing} bytes are no longer in memory${this.#inFile()}]${text}` : text;
	}

	/** The line that a mark lies in or ends, as far as it came. */
	lineAround({ offsetBytes }: ConsoleMark): string {
		const before = this.received.view(Math.max(0, offsetBytes - 500), offsetBytes);
		const behind = this.received.view(offsetBytes, offsetBytes + 500);
		const trimmed = before.at(-1) === 0x0a ? before.subarray(0, -1) : before;
		const start = trimmed.lastIndexOf(0x0a) + 1;
		const end = trimmed.length < before.length ? 0 : behind.indexOf(0x0a);
		return decodeLossily(Buffer.concat([trimmed.subarray(start), behind.subarray(0, end < 0 ? undefined : end)])).trimEnd();
	}

	onLine(listener: (line: ConsoleLine) => void): () => void {
		return this.#lines.listen(listener);
	}

	/** Rejects every wait, and every later one until `recover`. */
	fail(error: Error): void {
		this.#failures = [...this.#failures, error];
		for (const reject of [...this.#waits]) reject(error);
	}

	recover(error: Error): void {
		this.#failures = this.#failures.filter((failure) => failure !== error);
	}

	#wait(
		{ withinMs, signal, missing }: { readonly withinMs: number; readonly signal: AbortSignal | undefined; readonly missing: () => string },
		begin: (resolve: (match: ConsoleMatch) => void) => Seeker,
	): Promise<ConsoleMatch> {
		if (!(withinMs > 0 && withinMs < 2 ** 31)) throw new RangeError(`withinMs: expected milliseconds above 0, got ${withinMs}`);
		return new Promise((resolve, reject) => {
			const [failure] = this.#failures;
			if (failure !== undefined) return reject(failure);
			if (signal?.aborted === true) return reject(this.#abortError(signal));
			const seeker = begin((match) => {
				end();
				resolve(match);
			});
			const end = (): void => {
				clearTimeout(timer);
				signal?.removeEventListener('abort', onAbort);
				this.#waits.delete(fail);
				this.#endSeeker(seeker);
			};
			const fail = (error: Error): void => {
				end();
				reject(error);
			};
			const onAbort = (): void => fail(this.#abortError(signal));
			const timer = setTimeout(() => {
				seeker.look({ final: true });
				if (this.#waits.has(fail)) fail(new ConsoleError('timeout', `console ${this.name}: ${missing()}`));
			}, withinMs);
			signal?.addEventListener('abort', onAbort, { once: true });
			this.#waits.add(fail);
			this.#seekers.add(seeker);
			seeker.look();
		});
	}

	#endSeeker(seeker: Seeker): void {
		seeker.stop();
		this.#seekers.delete(seeker);
	}

	#abortError(signal: AbortSignal | undefined): ConsoleError {
		return new ConsoleError('aborted', `console ${this.name}: the wait was called off`, { cause: signal?.reason });
	}

	#assertInReach({ offsetBytes }: ConsoleMark): void {
		const missing = this.received.firstKeptBytes - offsetBytes;
		if (missing <= 0) return;
		throw new ConsoleError('out-of-reach', `console ${this.name}: ${missing} bytes behind byte ${offsetBytes} are no longer in memory${this.#inFile()}`);
	}

	#toMatch({ index, text, groups, endBytes }: PatternHit): ConsoleMatch {
		return { index, text, groups, end: this.received.markAt(endBytes) };
	}

	#whatCame(startBytes: number): string {
		const lost = this.received.firstKeptBytes - startBytes;
		const capped = lost > 0 ? `; ${lost} bytes before that are no longer in memory${this.#inFile()}` : '';
		const bytes = this.received.view(Math.max(startBytes, this.received.endBytes - 2000));
		const last = decodeLossily(bytes).trimEnd().split(/\r?\n/).at(-1) ?? '';
		return `${last === '' ? 'the board said nothing' : `last line ${JSON.stringify(last.slice(-200))}`}${capped}${this.state}`;
	}

	#inFile(): string {
		return this.#record === undefined ? '' : `, only in ${this.#record.file}`;
	}

	[Symbol.dispose](): void {
		this.fail(new ConsoleError('closed', `console ${this.name}: was closed`));
		for (const seeker of [...this.#seekers]) this.#endSeeker(seeker);
		this.#lines.close();
		this.#record?.[Symbol.dispose]();
	}
}

const describePatterns = (patterns: ConsolePattern | readonly ConsolePattern[]): string => {
	const list = typeof patterns === 'string' || patterns instanceof RegExp ? [patterns] : patterns;
	return list.map((pattern) => (typeof pattern === 'string' ? JSON.stringify(pattern) : String(pattern))).join(' or ');
};
