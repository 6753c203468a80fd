import type { BoardEvent } from '../../harness/events/index.js';
import type { ConsoleLine, ConsoleMark, ConsolePattern, ConsolePort } from '../../harness/ports/index.js';
import type { BoardType } from '../rig-file/index.js';

/** A console that tells of matches as soon as they are there. */
export interface WatchedConsole extends ConsolePort {
	/** Calls back for every match from now on, with or without a newline behind it; returns how to stop. */
	onMatch(patterns: readonly ConsolePattern[], listener: (end: ConsoleMark) => void): () => void;
}

export interface LineWatchOptions {
	readonly board: string;
	readonly console: WatchedConsole;
	readonly syntax: BoardType['console'];
	readonly nowMs: () => number;
	record(event: BoardEvent): void;
	/** Told at once of a panic or a boot of a board that was left alone, running something confirmed. */
	onUnexpected?: ((what: string) => void) | undefined;
}

/** Reads a board's console: tells its boots, marks and panics, and knows where its newest boot stands. A panic may be the last that a board says, without a newline. */
export class LineWatch implements Disposable {
	/** It runs something confirmed and was left alone since: whatever it does now it does by itself. */
	calm = false;
	/** From where on a boot is under way; undefined once its firmware said that it runs. */
	bootingFrom: ConsoleMark | undefined;
	/** The first line of that boot has come. */
	bootBegan = false;
	readonly #options: LineWatchOptions;
	readonly #marks: readonly (readonly [mark: string, pattern: RegExp])[];
	readonly #stops: readonly (() => void)[];
	#lineFrom: ConsoleMark;
	/** Line of the last panic: one that fits several patterns is one panic. */
	#panicked = '';

	constructor(options: LineWatchOptions) {
		this.#options = options;
		const { marks, confirmed, reverted, refused, panic } = options.syntax;
		this.#marks = [...Object.entries(marks), ...Object.entries({ confirmed, reverted, refused })].flatMap(([name, pattern]) =>
			pattern ? [[name, pattern] as const] : [],
		);
		this.#lineFrom = options.console.mark();
		this.#stops = [options.console.onLine((line) => this.#read(line)), options.console.onMatch(panic, (end) => this.#sight(end))];
	}

	/** A boot is asked for: what was said before it counts no more. */
	expectBoot(from: ConsoleMark): void {
		this.calm = false;
		this.bootingFrom = from;
		this.bootBegan = false;
	}

	/** The firmware was seen to run. */
	endBoot(): void {
		this.bootingFrom = undefined;
	}

	[Symbol.dispose](): void {
		for (const stop of this.#stops) stop();
	}

	#read({ text, end }: ConsoleLine): void {
		const { board, syntax, nowMs, record, onUnexpected } = this.#options;
		const at = Math.round(nowMs());
		this.#lineFrom = end;
		const boot = syntax.boot.exec(text);
		if (boot) {
			const nonce = boot.groups?.['nonce'];
			const wasCalm = this.calm;
			record({ kind: 'board-boot', at, board, ...(nonce === undefined ? {} : { nonce }), text, ...(wasCalm ? { unexpected: true } : {}) });
			this.calm = false;
			this.bootingFrom = end;
			this.bootBegan = true;
			if (wasCalm) onUnexpected?.(`it booted, and nobody had asked for it: ${JSON.stringify(text)}`);
			return;
		}
		for (const [mark, pattern] of this.#marks) if (pattern.test(text)) record({ kind: 'board-mark', at, board, mark, text });
	}

	/** Called before the line of the match is, and before those that came together with it. */
	#sight(end: ConsoleMark): void {
		const { console } = this.#options;
		const before = console.textSince(this.#lineFrom, end).split('\n');
		const line = `${this.#lineFrom.offsetBytes}+${before.length}`;
		if (line === this.#panicked) return;
		this.#panicked = line;
		const text = `${before.at(-1) ?? ''}${console.textSince(end).split('\n')[0] ?? ''}`.trimEnd();
		queueMicrotask(() => this.#tellPanic(text));
	}

	#tellPanic(text: string): void {
		const { board, nowMs, record, onUnexpected } = this.#options;
		const wasCalm = this.calm;
		record({ kind: 'board-panic', at: Math.round(nowMs()), board, text, ...(wasCalm ? { unexpected: true } : {}) });
		this.calm = false;
		if (wasCalm) onUnexpected?.(`it crashed: ${JSON.stringify(text)}`);
	}
}
