/**
 * Distinct states, each a vector of whole numbers kept once and known by its index. One vector is in hand: it is changed
 * place by place, and its hash with it. Two vectors have one index exactly when they are equal: the hash only says where
 * to look, so that a collision costs time and never a state.
 */
export class StateTable {
	/** Numbers in a vector. */
	readonly width: number;
	/** The vector in hand, to be read; `set` changes it. */
	readonly hand: Int32Array;
	#hash = 0;
	readonly #mix: MixHash;
	#vectors: Int32Array;
	#hashes: Int32Array;
	#slots = new Int32Array(1 << 12).fill(-1);
	#size = 0;

	/** `mix`: what one place of a vector adds to its hash; another one is for tests of collisions. */
	constructor(options: { readonly width: number; readonly mix?: MixHash }) {
		this.width = options.width;
		this.hand = new Int32Array(options.width);
		this.#mix = options.mix ?? mixPlace;
		this.#vectors = new Int32Array(options.width << 8);
		this.#hashes = new Int32Array(1 << 8);
		for (let place = 0; place < this.width; place++) this.#hash = (this.#hash + this.#mix(place, 0)) | 0;
	}

	get size(): number {
		return this.#size;
	}

	/** Bytes that the table holds, room for growth included. */
	get sizeBytes(): number {
		return this.#vectors.byteLength + this.#hashes.byteLength + this.#slots.byteLength;
	}

	/** Takes a state in hand. */
	load(index: number): void {
		const start = index * this.width;
		for (let place = 0; place < this.width; place++) this.hand[place] = this.#vectors[start + place] as number;
		this.#hash = this.#hashes[index] as number;
	}

	/** Changes one place of the vector in hand. */
	set(place: number, value: number): void {
		const before = this.hand[place] as number;
		if (before === value) return;
		this.#hash = (this.#hash - this.#mix(place, before) + this.#mix(place, value)) | 0;
		this.hand[place] = value;
	}

	/** One place of a state, whatever is in hand. */
	at(index: number, place: number): number {
		return this.#vectors[index * this.width + place] as number;
	}

	/** The index of the vector in hand, new where it was never seen. */
	intern(): number {
		const hash = this.#hash;
		const mask = this.#slots.length - 1;
		let slot = spread(hash) & mask;
		for (let index = this.#slots[slot] as number; index >= 0; index = this.#slots[slot] as number) {
			if (this.#hashes[index] === hash && this.#isInHand(index)) return index;
			slot = (slot + 1) & mask;
		}
		return this.#add(slot);
	}

	#add(slot: number): number {
		const index = this.#size++;
		if (index === this.#hashes.length) {
			this.#vectors = grown(this.#vectors);
			this.#hashes = grown(this.#hashes);
		}
		this.#vectors.set(this.hand, index * this.width);
		this.#hashes[index] = this.#hash;
		this.#slots[slot] = index;
		if (2 * this.#size > this.#slots.length) this.#rehash();
		return index;
	}

	#isInHand(index: number): boolean {
		const vectors = this.#vectors;
		const { hand, width } = this;
		let at = index * width;
		for (let place = 0; place < width; place++) {
			if (vectors[at++] !== hand[place]) return false;
		}
		return true;
	}

	#rehash(): void {
		const slots = new Int32Array(2 * this.#slots.length).fill(-1);
		const mask = slots.length - 1;
		for (let index = 0; index < this.#size; index++) {
			let slot = spread(this.#hashes[index] as number) & mask;
			while ((slots[slot] as number) >= 0) slot = (slot + 1) & mask;
			slots[slot] = index;
		}
		this.#slots = slots;
	}
}

export type MixHash = (place: number, value: number) => number;

const mixPlace: MixHash = (place, value) => {
	let hash = Math.imul(value + Math.imul(place + 1, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(place + 1, 0xc2b2ae35);
	hash ^= hash >>> 15;
	hash = Math.imul(hash, 0x2c1b3c6d);
	return hash ^ (hash >>> 13);
};

const spread = (hash: number): number => hash ^ (hash >>> 16);

/** A copy with room for twice as much. */
export const grown = (values: Int32Array): Int32Array<ArrayBuffer> => {
	const larger = new Int32Array(2 * values.length);
	larger.set(values);
	return larger;
};
