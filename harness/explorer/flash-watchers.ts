import type { ImageVerdict } from '../bootloader/index.js';
import type { FlashArea } from '../flash/index.js';

/** An operation about to be carried out: power may go before, in the middle of it or after. */
export type Operation =
	| { readonly kind: 'program'; readonly offsetBytes: number; readonly bytes: Uint8Array }
	| { readonly kind: 'erase'; readonly offsetBytes: number; readonly lengthBytes: number }
	| { readonly kind: 'counter'; readonly from: number; readonly to: number };

/** Who looks on while something runs on the flash, and may end it by throwing PowerLoss. */
export interface OperationWatcher {
	/** The operation has not begun. Absent: nobody asks what it is. */
	readonly before?: (operation: Operation) => void;
	/** It is done, and the state in hand is the one after it. */
	readonly after: () => void;
}

/** Is told what whoever runs on a flash learns of it and does to it. */
export interface FlashWitness {
	reads(offsetBytes: number, lengthBytes: number): void;
	/** An operation, by its number in the book, is about to be done, or refused: then `done` is not told. `range`: of flash, what it changes. */
	does(operation: number, range: { readonly offsetBytes: number; readonly lengthBytes: number }): void;
	done(): void;
	/** Beside flash. */
	readsCounter(): void;
	judges(area: FlashArea, verdict: ImageVerdict): void;
}
