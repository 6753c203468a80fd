/**
 * Seeded randomness, one stream per name. A stream's draws depend on the root seed and its own name alone,
 * so that a draw added in one place shifts no other. sfc32 by Chris Doty-Humphrey (PractRand), seeded by
 * MurmurHash3's finaliser over the name.
 */
export interface Random {
	/** Uniform in [0, 1). */
	next(): number;
	/** Uniform integer in [0, below). */
	integer(below: number): number;
	/** True with probability `ratio`. */
	chance(ratio: number): boolean;
	/** Uniform in [low, high). */
	between(low: number, high: number): number;
	pick<T>(items: readonly T[]): T;
	/** `length` bytes. */
	bytes(length: number): Uint8Array;
	/** A stream of its own below this one's name. */
	stream(name: string): Random;
}

export const createRandom = (seed: string): Random => new Sfc32(seed);

class Sfc32 implements Random {
	readonly #name: string;
	#a: number;
	#b: number;
	#c: number;
	#counter = 1;

	constructor(name: string) {
		this.#name = name;
		this.#a = hashText(name, 0x9e3779b9);
		this.#b = hashText(name, 0x243f6a88);
		this.#c = hashText(name, 0xb7e15162);
		for (let round = 0; round < 12; round++) this.#draw();
	}

	next(): number {
		return this.#draw() / 0x1_0000_0000;
	}

	integer(below: number): number {
		if (!(Number.isSafeInteger(below) && below > 0)) throw new RangeError(`integer(below): a whole number above 0 was expected, got ${below}`);
		return Math.floor(this.next() * below);
	}

	chance(ratio: number): boolean {
		return this.next() < ratio;
	}

	between(low: number, high: number): number {
		return low + this.next() * (high - low);
	}

	pick<T>(items: readonly T[]): T {
		return items[this.integer(items.length)] as T;
	}

	bytes(length: number): Uint8Array {
		const bytes = new Uint8Array(length);
		// As #draw does, on variables: an image's payload is tens of thousands of draws.
		let [a, b, c, counter] = [this.#a, this.#b, this.#c, this.#counter];
		for (let index = 0; index < length; index++) {
			const sum = (a + b + counter) | 0;
			counter = (counter + 1) | 0;
			a = b ^ (b >>> 9);
			b = (c + (c << 3)) | 0;
			c = (((c << 21) | (c >>> 11)) + sum) | 0;
			bytes[index] = sum & 0xff;
		}
		[this.#a, this.#b, this.#c, this.#counter] = [a, b, c, counter];
		return bytes;
	}

	stream(name: string): Random {
		return new Sfc32(`${this.#name}/${name}`);
	}

	#draw(): number {
		const sum = (this.#a + this.#b + this.#counter) | 0;
		this.#counter = (this.#counter + 1) | 0;
		this.#a = this.#b ^ (this.#b >>> 9);
		this.#b = (this.#c + (this.#c << 3)) | 0;
		this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
		return sum >>> 0;
	}
}

const hashText = (text: string, basis: number): number => {
	let hash = basis | 0;
	for (let index = 0; index < text.length; index++) {
		hash = Math.imul(hash ^ text.charCodeAt(index), 0x85ebca6b);
		hash = (hash << 13) | (hash >>> 19);
	}
	hash ^= text.length;
	hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
	hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
	return hash ^ (hash >>> 16);
};
