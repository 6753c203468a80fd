import type { ConsoleLine, ConsoleMark, ConsoleMatch, ConsolePattern, ConsolePort, ExpectOptions } from '../../../harness/ports/index.js';
import { monotonicMs } from '../monotonic.js';
import { ConsoleError } from './console-error.js';
import { ConsoleRecord } from './console-record.js';
import { type EchoPolicy, sendCommand } from './echo-command.js';
import { type Pacing, pieces } from './pacing.js';
import { SerialLink, type SerialLinkOptions } from './serial-link.js';
import { Transcript } from './transcript.js';
import { ConsoleWatch, type WatchPatterns } from './watch.js';

export interface SerialConsoleOptions extends SerialLinkOptions {
	/** Of the board, for messages. */
	readonly name: string;
	/** Where the raw bytes go, and beside it FILE.index.jsonl with their instants; kept in memory only where undefined. */
	readonly recordFile?: string;
	/** Largest size of that file; 1 GiB by default. */
	readonly recordLimitBytes?: number;
	/** Of the newest bytes, how many can be searched again; 4 MiB by default, 1 MiB at least. */
	readonly keepBytes?: number;
	readonly pacing?: Pacing;
	readonly echo?: EchoPolicy;
}

const SMALLEST_KEEP_BYTES = 2 ** 20;
const DEFAULTS = { keepBytes: 4 * 2 ** 20, recordLimitBytes: 2 ** 30, pacing: {}, echo: {} } as const;
/** Beyond what the line needs for the bytes. */
const SEND_SPARE_MS = 5000;
/** A device that was reset by its flasher may come back as another one on the bus. */
const RETURN_WITHIN_MS = 15_000;

/** Opens the port before the board has power, and keeps it open: opening again loses bytes and moves DTR. Rejects with a ConsoleError. */
export const openSerialConsole = async (options: SerialConsoleOptions): Promise<SerialConsole> => {
	const { keepBytes = DEFAULTS.keepBytes, recordLimitBytes: limitBytes = DEFAULTS.recordLimitBytes, recordFile, name } = options;
	if (!(keepBytes >= SMALLEST_KEEP_BYTES)) throw new RangeError(`keepBytes: expected ${SMALLEST_KEEP_BYTES} at least, got ${keepBytes}`);
	const record = recordFile === undefined ? undefined : new ConsoleRecord(recordFile, { limitBytes, atMs: monotonicMs(), epochMs: Date.now() });
	const transcript = new Transcript({ name, keepBytes, record });
	const drops: PortDrop[] = [];
	try {
		const link = await SerialLink.open(options, {
			bytes: (chunk, atMs) => transcript.take(chunk, atMs),
			dropped: (reason) => {
				drops.push({ at: transcript.mark(), reason });
				transcript.state = `; its port has been gone since ${new Date().toISOString()}: ${reason}`;
				record?.note('dropped', monotonicMs());
			},
			lent: () => {
				transcript.state = '; its port is lent to another program';
				record?.note('lent', monotonicMs());
			},
			reopened: () => {
				transcript.state = '';
				record?.note('reopened', monotonicMs());
			},
		});
		return new SerialConsole({ link, transcript, drops, options });
	} catch (error) {
		transcript[Symbol.dispose]();
		throw error;
	}
};

/** A time the port was gone: unplugged, or unpowered together with the board. */
export interface PortDrop {
	readonly at: ConsoleMark;
	readonly reason: string;
}

interface Parts {
	readonly link: SerialLink;
	readonly transcript: Transcript;
	readonly drops: readonly PortDrop[];
	readonly options: SerialConsoleOptions;
}

/** The console of a board on a serial port. */
export class SerialConsole implements ConsolePort, AsyncDisposable {
	/** Times the port was gone since the console was opened. */
	readonly drops: readonly PortDrop[];
	readonly #link: SerialLink;
	readonly #transcript: Transcript;
	readonly #options: SerialConsoleOptions;
	readonly #watches = new Set<ConsoleWatch>();
	#sending: Promise<unknown> = Promise.resolve();

	constructor({ link, transcript, drops, options }: Parts) {
		this.#link = link;
		this.#transcript = transcript;
		this.drops = drops;
		this.#options = options;
	}

	/** Of the port as it is now, undefined while it is gone. */
	get path(): string | undefined {
		return this.#link.path;
	}

	get receivedBytes(): number {
		return this.#transcript.received.endBytes;
	}

	mark(): ConsoleMark {
		return this.#transcript.mark();
	}

	/** Makes waits without `from` begin there, so that what is older counts no more. */
	fence(at: ConsoleMark): void {
		this.#transcript.advance(at);
	}

	async expect(patterns: ConsolePattern | readonly ConsolePattern[], options: ExpectOptions): Promise<ConsoleMatch> {
		return await this.#transcript.expect(patterns, options);
	}

	send(data: string | Uint8Array): Promise<void> {
		return this.#inTurn(() => this.#sendPaced(typeof data === 'string' ? Buffer.from(data) : data));
	}

	command(line: string, { withinMs, signal }: { readonly withinMs: number; readonly signal?: AbortSignal }): Promise<ConsoleMark> {
		return this.#inTurn(async () => {
			const echoed = await sendCommand(line, {
				withinMs,
				signal,
				policy: this.#options.echo ?? DEFAULTS.echo,
				mark: () => this.mark(),
				expect: (pattern, options) => this.#transcript.expect(pattern, options),
				send: (text) => this.#sendPaced(Buffer.from(text)),
				heard: (from) => this.textSince(from),
				name: this.#options.name,
			});
			this.fence(echoed);
			return echoed;
		});
	}

	textSince(from: ConsoleMark, to?: ConsoleMark): string {
		return this.#transcript.textSince(from, to);
	}

	onLine(listener: (line: ConsoleLine) => void): () => void {
		return this.#transcript.onLine(listener);
	}

	/** Calls back for every match from now on, with or without a newline behind it; returns how to stop. */
	onMatch(patterns: readonly ConsolePattern[], listener: (end: ConsoleMark) => void): () => void {
		return this.#transcript.search(patterns, ({ end }) => listener(end));
	}

	/** Begins to watch for what must not be said; end it by its dispose. */
	watch(patterns: WatchPatterns): ConsoleWatch {
		const watch = new ConsoleWatch(this.#transcript, patterns);
		this.#watches.add(watch);
		return watch;
	}

	/** Drives both modem lines, and keeps them so over a reopening. */
	setLines(lines: { readonly dtr: boolean; readonly rts: boolean }): Promise<void> {
		return this.#link.setLines(lines);
	}

	/** Holds the transmit line low while the board is off, so that it does not feed the board; where there are modem lines. */
	setBreak(active: boolean): Promise<void> {
		return this.#link.setBreak(active);
	}

	/** Whether its transmit line is held low. */
	get breaks(): boolean {
		return this.#link.breaks;
	}

	/** Lets a program such as a flasher have the port, and takes it back; nothing is sent meanwhile, and what the board says then is lost. */
	lend<Value>(use: (path: string) => Promise<Value>): Promise<Value> {
		return this.#inTurn(() => this.#link.lend(use, { withinMs: RETURN_WITHIN_MS }));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const watch of this.#watches) watch[Symbol.dispose]();
		this.#transcript.fail(new ConsoleError('closed', `console ${this.#options.name}: was closed`));
		await this.#link[Symbol.asyncDispose]();
		this.#transcript[Symbol.dispose]();
	}

	/** One sender at a time: two that send at once would mix their bytes. */
	#inTurn<Value>(task: () => Promise<Value>): Promise<Value> {
		const turn = this.#sending.then(task);
		this.#sending = turn.catch(() => undefined);
		return turn;
	}

	async #sendPaced(bytes: Uint8Array): Promise<void> {
		for await (const piece of pieces(bytes, this.#options.pacing ?? DEFAULTS.pacing)) {
			await this.#link.write(piece, { withinMs: SEND_SPARE_MS + Math.ceil((piece.length * 10_000) / this.#options.baudRate) });
		}
	}
}
