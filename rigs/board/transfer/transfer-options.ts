import type { ConsolePort } from '../../../harness/ports/index.js';

export interface TransferOptions {
	readonly console: ConsolePort;
	/** Each answer of the board, at most. */
	readonly withinMs: number;
	readonly signal?: AbortSignal | undefined;
	/** Board, for messages. */
	readonly board: string;
	readonly onProgress?: ((ratio: number) => void) | undefined;
}
