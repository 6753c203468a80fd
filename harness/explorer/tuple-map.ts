import { grown } from './grown.js';

/** Five whole numbers to one, without an object for either: what is remembered about pages. Keys are compared whole. */
export class TupleMap {
	/** Six numbers an entry: the key, then the value. */
	#entries = new Int32Array(ENTRY << 8);
	#slots = new Int32Array(1 << 10).fill(-1);
	#size = 0;
	/** Where the key that was asked for last would stand. */
	#slot = 0;
	readonly #key = new Int32Array(KEY);

	get sizeBytes(): number {
		return this.#entries.byteLength + this.#slots.byteLength;
	}

	/** The value of a key, -1 where there is none; `put` then gives it one. Values are 0 or more. */
	find(key: TupleKey): number {
		const wanted = this.#key;
		wanted[0] = key[0];
		wanted[1] = key[1];
		wanted[2] = key[2];
		wanted[3] = key[3];
		wanted[4] = key[4];
		const entries = this.#entries;
		const mask = this.#slots.length - 1;
		let slot = hashKey(wanted) & mask;
		for (let index = this.#slots[slot] as number; index >= 0; index = this.#slots[slot] as number) {
			const at = index * ENTRY;
			if (isEqual(entries, { at, wanted })) return entries[at + KEY] as number;
			slot = (slot + 1) & mask;
		}
		this.#slot = slot;
		return -1;
	}

	/** Gives the key that `find` found nothing for, last of all, its value. */
	put(value: number): void {
		const index = this.#size++;
		if (index * ENTRY === this.#entries.length) this.#entries = grown(this.#entries);
		this.#entries.set(this.#key, index * ENTRY);
		this.#entries[index * ENTRY + KEY] = value;
		this.#slots[this.#slot] = index;
		if (2 * this.#size > this.#slots.length) this.#rehash();
	}

	#rehash(): void {
		const slots = new Int32Array(2 * this.#slots.length).fill(-1);
		const mask = slots.length - 1;
		for (let index = 0; index < this.#size; index++) {
			let slot = hashKey(this.#entries.subarray(index * ENTRY, index * ENTRY + KEY)) & mask;
			while ((slots[slot] as number) >= 0) slot = (slot + 1) & mask;
			slots[slot] = index;
		}
		this.#slots = slots;
	}
}

export type TupleKey = readonly [number, number, number, number, number];

const KEY = 5;
const ENTRY = 6;

const isEqual = (entries: Int32Array, probe: { readonly at: number; readonly wanted: Int32Array }): boolean => {
	for (let place = 0; place < KEY; place++) {
		if (entries[probe.at + place] !== probe.wanted[place]) return false;
	}
	return true;
};

const hashKey = (key: Int32Array): number => {
	let hash = 0x811c9dc5;
	for (let place = 0; place < KEY; place++) {
		hash = Math.imul(hash ^ (key[place] as number), 0x85ebca6b);
		hash ^= hash >>> 15;
	}
	return hash;
};
