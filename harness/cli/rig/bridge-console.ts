import { createInterface } from 'node:readline';
import type { ReadStream } from 'node:tty';
import { promptStart } from '../../../rigs/board/conversation.js';
import type { BoardSpec } from '../../../rigs/rig-file/index.js';
import type { ConsoleMark, ConsolePort } from '../../ports/index.js';

export interface BridgeOptions {
	readonly spec: BoardSpec;
	/** From where on what the board says is printed. */
	readonly from: ConsoleMark;
	readonly input: NodeJS.ReadStream | NodeJS.ReadableStream;
	readonly write: (text: string) => void;
	/** Sends nothing before the board has booted, for input that was not typed. */
	readonly awaitsBoot: boolean;
}

/** Ctrl-], as in telnet. */
const LEAVE = '\x1d';
/** A wait that ends in nothing is begun again. */
const WAIT_MS = 250;

/** Joins a terminal, or a pipe, with a board's console. Resolves when the terminal leaves, or when the pipe has ended and the board is quiet. */
export const bridgeConsole = async (console: ConsolePort, options: BridgeOptions): Promise<void> => {
	const { spec, input, write } = options;
	const terminal = 'isTTY' in input && input.isTTY === true ? (input as ReadStream) : undefined;
	const printer = new Printer(console, { from: options.from, write });
	const printing = printer.run();
	terminal?.setRawMode(true);
	try {
		if (options.awaitsBoot) await awaitBoot(console, options);
		await Promise.race([(terminal === undefined ? sendLines : sendKeys)(console, { input, spec }), printing]);
		if (terminal === undefined) await printer.untilQuiet(Math.max(spec.type.timings.quiet, WAIT_MS));
	} finally {
		terminal?.setRawMode(false);
		input.pause();
		printer.stop();
		await printing;
	}
};

/** Its prompt comes after its application said that it runs; what is sent before is lost. */
const awaitBoot = async (console: ConsolePort, { spec, from }: BridgeOptions): Promise<void> => {
	const { console: syntax, timings } = spec.type;
	const ready = syntax.ready === undefined ? undefined : await console.expect(syntax.ready, { withinMs: timings.boot, from });
	await console.expect(promptStart(syntax.prompt), { withinMs: timings.boot, from: ready?.end ?? from });
};

interface SendOptions {
	readonly input: NodeJS.ReadableStream;
	readonly spec: BoardSpec;
}

/** Resolves when the terminal leaves. */
const sendKeys = async (console: ConsolePort, { input, spec }: SendOptions): Promise<void> => {
	for await (const chunk of input) {
		const text = chunk.toString();
		const [keys = ''] = text.split(LEAVE);
		if (keys !== '') await console.send(keys.replaceAll(/\r\n|\r|\n/g, newlineOf(spec)));
		if (text.includes(LEAVE)) return;
	}
};

/** Sends a line at a time, each once the board has given its prompt for it. Resolves at the end of the input. */
const sendLines = async (console: ConsolePort, { input, spec }: SendOptions): Promise<void> => {
	for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
		const from = console.mark();
		await console.send(`${line}${newlineOf(spec)}`);
		await orTooLate(console.expect(promptStart(spec.type.console.prompt), { withinMs: spec.type.timings.answer, from }));
	}
};

const newlineOf = ({ type }: BoardSpec): string => ({ lf: '\n', cr: '\r', crlf: '\r\n' })[type.console.newline];

/** A line that gives no prompt in time, such as one that restarts the board, does not keep the next. */
const orTooLate = async (wait: Promise<unknown>): Promise<void> => {
	try {
		await wait;
	} catch (error) {
		if ((error as { readonly code?: unknown }).code !== 'timeout') throw error;
	}
};

/** Prints what a console says as it comes. */
class Printer {
	readonly #console: ConsolePort;
	readonly #write: (text: string) => void;
	readonly #stopped = new AbortController();
	#from: ConsoleMark;
	#quiet: { readonly forMs: number; readonly resolve: () => void } | undefined;
	#silentMs = 0;

	constructor(console: ConsolePort, { from, write }: { readonly from: ConsoleMark; readonly write: (text: string) => void }) {
		this.#console = console;
		this.#from = from;
		this.#write = write;
	}

	/** Rejects where the console fails. */
	async run(): Promise<void> {
		while (!this.#stopped.signal.aborted) {
			const said = await this.#next();
			if (said) this.#silentMs = 0;
			else this.#silentMs += WAIT_MS;
			if (this.#quiet !== undefined && this.#silentMs >= this.#quiet.forMs) this.#quiet.resolve();
		}
	}

	untilQuiet(forMs: number): Promise<void> {
		this.#silentMs = 0;
		return new Promise((resolve) => {
			this.#quiet = { forMs, resolve };
		});
	}

	stop(): void {
		this.#stopped.abort();
	}

	/** Whether anything was said. */
	async #next(): Promise<boolean> {
		try {
			await this.#console.expect(/[\s\S]/, { withinMs: WAIT_MS, from: this.#from, signal: this.#stopped.signal });
		} catch (error) {
			const { code } = error as { readonly code?: unknown };
			if (code === 'timeout' || this.#stopped.signal.aborted) return false;
			throw error;
		}
		const to = this.#console.mark();
		this.#write(this.#console.textSince(this.#from, to));
		this.#from = to;
		return true;
	}
}
