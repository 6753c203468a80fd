import type { ConsoleMark } from '../../../harness/ports/index.js';

/** The newest bytes of a console in one piece of memory, by their offset in the whole stream, and when each came. */
export class ReceivedBytes {
	readonly #keepBytes: number;
	readonly #memory: Buffer;
	#firstKept = 0;
	#end = 0;
	/** Ends of chunks that are still kept, and their instants, oldest first. */
	#arrivals: ConsoleMark[] = [];

	constructor(keepBytes: number) {
		this.#keepBytes = keepBytes;
		this.#memory = Buffer.allocUnsafe(2 * keepBytes);
	}

	get endBytes(): number {
		return this.#end;
	}

	/** Offset of the oldest byte that is kept. */
	get firstKeptBytes(): number {
		return this.#firstKept;
	}

	append(chunk: Uint8Array, atMs: number): void {
		for (let taken = 0; taken < chunk.length; taken += this.#keepBytes) this.#appendPiece(chunk.subarray(taken, taken + this.#keepBytes));
		this.#arrivals.push({ offsetBytes: this.#end, atMs });
	}

	/** Bytes from `from`, or from the oldest that is kept, up to `to`. Valid until the next `append`. */
	view(from: number, to: number = this.#end): Buffer {
		const start = Math.max(from, this.#firstKept) - this.#firstKept;
		return this.#memory.subarray(start, Math.max(start, Math.min(to, this.#end) - this.#firstKept));
	}

	/** When the byte before `offsetBytes` came; for what is no longer kept, when the oldest did. */
	markAt(offsetBytes: number): ConsoleMark {
		let low = 0;
		let high = this.#arrivals.length - 1;
		while (low < high) {
			const middle = (low + high) >> 1;
			if ((this.#arrivals[middle]?.offsetBytes ?? 0) < offsetBytes) low = middle + 1;
			else high = middle;
		}
		return { offsetBytes, atMs: this.#arrivals[low]?.atMs ?? 0 };
	}

	#appendPiece(piece: Uint8Array): void {
		const used = this.#end - this.#firstKept;
		if (used + piece.length > this.#memory.length) {
			const dropped = used - (this.#keepBytes - Math.min(piece.length, this.#keepBytes));
			this.#memory.copyWithin(0, dropped, used);
			this.#firstKept += dropped;
			this.#arrivals = this.#arrivals.filter(({ offsetBytes }) => offsetBytes > this.#firstKept);
		}
		this.#memory.set(piece, this.#end - this.#firstKept);
		this.#end += piece.length;
	}
}
