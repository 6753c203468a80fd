import type { ConsoleMark, ConsolePort, ConsolePattern } from '../../harness/ports/index.js';
import type { BoardType } from '../rig-file/index.js';
import { BoardError } from './board-error.js';
import { nameGroups } from './named-groups.js';

/** A line that is sent and what its answer says, as a board type has it. */
export interface Order {
	readonly send: string;
	readonly answer?: RegExp | undefined;
}

export interface AskOptions {
	readonly withinMs: number;
	readonly signal?: AbortSignal | undefined;
	/** False where nothing follows the answer: the board restarts. */
	readonly ends?: boolean;
}

export interface Answer {
	/** Named groups of the answer. */
	readonly groups: Readonly<Record<string, string>>;
	/** All that was said between the command and its end. */
	readonly text: string;
	readonly end: ConsoleMark;
}

/** Speaks a board's command line, by the syntax of its type. */
export class Conversation {
	readonly #board: string;
	readonly #console: ConsolePort;
	readonly #syntax: BoardType['console'];

	constructor(board: string, { console, syntax }: { readonly console: ConsolePort; readonly syntax: BoardType['console'] }) {
		this.#board = board;
		this.#console = console;
		this.#syntax = syntax;
	}

	/** Sends a command and reads its answer to the prompt. Rejects with a BoardError `refused` where the board says no, and as the console does. */
	async ask(order: Order, { withinMs, signal, ends = true }: AskOptions): Promise<Answer> {
		const { done, failed, prompt, boot } = this.#syntax;
		const from = await this.#console.command(order.send, { withinMs, ...(signal ? { signal } : {}) });
		const wanted: readonly ConsolePattern[] = [order.answer ?? done ?? prompt, ...(failed ? [failed] : []), ...(ends ? [boot] : [])];
		const options = { withinMs, ...(signal ? { signal } : {}) };
		const match = await this.#console.expect(wanted, { ...options, from });
		if (match.index > 0) {
			const isBoot = match.index === wanted.length - 1 && ends;
			throw new BoardError('refused', `board ${this.#board}: '${order.send}': ${isBoot ? 'it restarted' : 'it answered'} ${JSON.stringify(match.text)}`);
		}
		let { end } = match;
		if (ends) {
			// A board that says when it is done is not waited for until its prompt is certain to be one.
			const rest = done ?? (order.answer ? promptStart(prompt) : undefined);
			if (rest !== undefined && (order.answer || !done)) end = (await this.#console.expect(rest, { ...options, from: end })).end;
		}
		return { groups: order.answer ? nameGroups(order.answer, match.groups) : {}, text: this.#console.textSince(from, end), end };
	}
}

/** A prompt without the end of the stream behind it: whether more comes need not be waited for. */
export const promptStart = (prompt: RegExp): RegExp => new RegExp(prompt.source.replace(/(?<!\\)\$$/, ''), prompt.flags);

/** What ends a line that is sent, by its word in a board type. */
export const LINE_ENDS = { lf: '\n', cr: '\r', crlf: '\r\n' } as const;
