import type { BoardEvent } from '../../harness/events/index.js';
import type { ConsoleLine, ConsoleMark, ConsolePort } from '../../harness/ports/index.js';
import type { BoardType } from '../rig-file/index.js';

export interface LineWatchOptions {
	readonly board: string;
	readonly console: ConsolePort;
	readonly syntax: BoardType['console'];
	readonly nowMs: () => number;
	record(event: BoardEvent): void;
}

/** Reads a board's console line by line: tells its boots, marks and panics, and knows where its newest boot stands. */
export class LineWatch implements Disposable {
	/** It runs something confirmed and was left alone since: whatever it does now it does by itself. */
	calm = false;
	/** From where on a boot is under way; undefined once its firmware said that it runs. */
	bootingFrom: ConsoleMark | undefined;
	readonly #options: LineWatchOptions;
	readonly #marks: readonly (readonly [mark: string, pattern: RegExp])[];
	readonly #stop: () => void;

	constructor(options: LineWatchOptions) {
		this.#options = options;
		const { marks, confirmed, reverted, refused } = options.syntax;
		this.#marks = [...Object.entries(marks), ...Object.entries({ confirmed, reverted, refused })].flatMap(([name, pattern]) =>
			pattern ? [[name, pattern] as const] : [],
		);
		this.#stop = options.console.onLine((line) => this.#read(line));
	}

	/** A boot is asked for: what was said before it counts no more. */
	expectBoot(from: ConsoleMark): void {
		this.calm = false;
		this.bootingFrom = from;
	}

	/** The firmware was seen to run. */
	endBoot(): void {
		this.bootingFrom = undefined;
	}

	[Symbol.dispose](): void {
		this.#stop();
	}

	#read({ text, end }: ConsoleLine): void {
		const { board, syntax, nowMs, record } = this.#options;
		const at = Math.round(nowMs());
		const unexpected = this.calm ? ({ unexpected: true } as const) : {};
		const boot = syntax.boot.exec(text);
		if (boot) {
			const nonce = boot.groups?.['nonce'];
			record({ kind: 'board-boot', at, board, ...(nonce === undefined ? {} : { nonce }), text, ...unexpected });
			this.calm = false;
			this.bootingFrom = end;
			return;
		}
		for (const [mark, pattern] of this.#marks) if (pattern.test(text)) record({ kind: 'board-mark', at, board, mark, text });
		if (!syntax.panic.some((pattern) => pattern.test(text))) return;
		record({ kind: 'board-panic', at, board, text, ...unexpected });
		this.calm = false;
	}
}
