import type { Geometry } from './geometry.js';

/**
 * Flash as programs see it, with the rules and errors of `Flash`: FlashError on misuse and on units in error, PowerLoss
 * at a cut. What `read` gives may be a view: it is neither changed nor held beyond the next operation.
 */
export interface FlashPort {
	readonly geometry: Geometry;
	read(offsetBytes: number, lengthBytes: number): Uint8Array;
	/** One operation whatever its length. */
	program(offsetBytes: number, bytes: Uint8Array): void;
	/** `program` of what `read` gives: one operation, or one for each unit of the span, from the lowest up. */
	copy(span: FlashSpan): void;
	/** One operation a sector, from the lowest up. */
	erase(offsetBytes: number, lengthBytes: number): void;
	isErased(offsetBytes: number, lengthBytes: number): boolean;
	isHolding(offsetBytes: number, bytes: Uint8Array): boolean;
}

/** Bytes on their way from one place of a part to another. */
export interface FlashSpan {
	readonly fromBytes: number;
	readonly toBytes: number;
	readonly lengthBytes: number;
	/** As much as goes at once; default: all of it. */
	readonly unitBytes?: number;
}
