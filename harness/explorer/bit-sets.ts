/** A set of small whole numbers for each of a few others. */
export class BitSets {
	readonly #sets: Uint32Array[] = [];

	get sizeBytes(): number {
		return this.#sets.reduce((sum, { byteLength }) => sum + byteLength, 0);
	}

	/** Puts a member into a set; false where it was there already. */
	add(set: number, member: number): boolean {
		const word = member >>> 5;
		let words = this.#sets[set];
		if (words === undefined || word >= words.length) {
			words = this.#grow(set, word + 1);
		}
		const before = words[word] as number;
		const after = before | (1 << (member & 31));
		words[word] = after;
		return after >>> 0 !== before;
	}

	has(set: number, member: number): boolean {
		const words = this.#sets[set];
		return words !== undefined && (((words[member >>> 5] ?? 0) >>> (member & 31)) & 1) === 1;
	}

	#grow(set: number, least: number): Uint32Array {
		while (this.#sets.length <= set) this.#sets.push(NONE);
		const before = this.#sets[set] as Uint32Array;
		const words = new Uint32Array(Math.max(16, least, 2 * before.length));
		words.set(before);
		this.#sets[set] = words;
		return words;
	}
}

const NONE = new Uint32Array(0);
