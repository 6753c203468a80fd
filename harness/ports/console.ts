/** A board's serial console: everything it says is kept, and can be searched again from any mark. */
export interface ConsolePort {
	/** Bytes received since the console was opened; of the newest, as many are kept as fit (1 MiB at least), all of them in the console's file. */
	readonly receivedBytes: number;
	/** Where the console stands now. */
	mark(): ConsoleMark;
	/**
	 * Waits for the first match of any of `patterns` that ends after `from`, with or without a newline. What is matched is consumed:
	 * the next wait without `from` begins behind it. Rejects with a ConsoleError whose message holds what was wanted, for how long, and the last line.
	 */
	expect(patterns: ConsolePattern | readonly ConsolePattern[], options: ExpectOptions): Promise<ConsoleMatch>;
	/** Sends text or bytes as the board's type paces them; resolves when the last byte left. */
	send(data: string | Uint8Array): Promise<void>;
	/** Sends a line and holds the board to its echo; sends it again where letters got lost. */
	command(line: string, options: { readonly withinMs: number; readonly signal?: AbortSignal }): Promise<ConsoleMark>;
	/** Text of the console between two marks, decoded lossily; up to now by default. */
	textSince(from: ConsoleMark, to?: ConsoleMark): string;
	/** Whole lines as they come, without their ends. Returns how to stop. */
	onLine(listener: (line: ConsoleLine) => void): () => void;
}

/** Text as it stands, or a regular expression (without the flags `g` and `y`). */
export type ConsolePattern = string | RegExp;

/** A place in the stream of bytes and the monotonic instant it was reached. */
export interface ConsoleMark {
	readonly offsetBytes: number;
	/** Of the rig's monotonic clock. */
	readonly atMs: number;
}

export interface ExpectOptions {
	readonly withinMs: number;
	readonly from?: ConsoleMark;
	readonly signal?: AbortSignal;
}

export interface ConsoleMatch {
	/** Which of the patterns it was. */
	readonly index: number;
	readonly text: string;
	/** Capture groups of a regular expression, the first one first. */
	readonly groups: readonly (string | undefined)[];
	/** Behind its last byte; `atMs` is when the chunk with that byte came in. */
	readonly end: ConsoleMark;
}

export interface ConsoleLine {
	readonly text: string;
	readonly end: ConsoleMark;
}
