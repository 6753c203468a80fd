/** An operation as it is remembered: where and how much, without its bytes. */
export interface RecentOperation {
	/** Counted from 0 since the part was made. */
	readonly operation: number;
	readonly kind: 'program' | 'erase';
	readonly offsetBytes: number;
	readonly lengthBytes: number;
}

const REMEMBERED = 48;
const ERASE_BIT = 0x8000_0000;

/** The last operations of a part: what the report of a failure shows. Small enough for every device of a fleet to have one. */
export class OperationRing {
	/** An offset and a length for each, the length's top bit set for an erase. */
	readonly #entries = new Uint32Array(2 * REMEMBERED);

	note({ operation, kind, offsetBytes, lengthBytes }: RecentOperation): void {
		const at = 2 * (operation % REMEMBERED);
		this.#entries[at] = offsetBytes;
		this.#entries[at + 1] = kind === 'erase' ? (lengthBytes | ERASE_BIT) >>> 0 : lengthBytes;
	}

	snapshot(): Uint32Array {
		return this.#entries.slice();
	}

	restore(entries: Uint32Array): void {
		this.#entries.set(entries);
	}

	/** Oldest first. `operations` is how many there were in all. */
	list(operations: number): readonly RecentOperation[] {
		const first = Math.max(0, operations - REMEMBERED);
		return Array.from({ length: operations - first }, (_, index) => {
			const operation = first + index;
			const at = 2 * (operation % REMEMBERED);
			const packed = this.#entries[at + 1] as number;
			const isErase = packed >= ERASE_BIT;
			return { operation, kind: isErase ? 'erase' : 'program', offsetBytes: this.#entries[at] as number, lengthBytes: isErase ? packed - ERASE_BIT : packed };
		});
	}
}
