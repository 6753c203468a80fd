import { grown } from './grown.js';

/** Rows of pages, each distinct one kept once and known by its number: what a sector of several pages holds. */
export class PageTuples {
	#pages = new Int32Array(1 << 10);
	/** By number: where its row begins; the last one: where the next will. */
	#begins = new Int32Array(1 << 8);
	#hashes = new Int32Array(1 << 8);
	#slots = new Int32Array(1 << 10).fill(-1);
	#size = 0;
	#row = new Int32Array(1);

	get sizeBytes(): number {
		return this.#pages.byteLength + this.#begins.byteLength + this.#hashes.byteLength + this.#slots.byteLength;
	}

	page(tuple: number, index: number): number {
		return this.#pages[(this.#begins[tuple] as number) + index] as number;
	}

	pages(tuple: number): readonly number[] {
		return [...this.#pages.subarray(this.#begins[tuple], this.#begins[tuple + 1])];
	}

	/** Writes a row into a vector, from a place on. */
	copyTo(vector: Int32Array, place: number, tuple: number): void {
		const begin = this.#begins[tuple] as number;
		const end = this.#begins[tuple + 1] as number;
		for (let at = begin; at < end; at++) vector[place + at - begin] = this.#pages[at] as number;
	}

	intern(pages: readonly number[]): number {
		this.#take(pages.length).set(pages);
		return this.#intern();
	}

	/** The row that stands in a vector, from `first` on and before `end`. */
	internPart(vector: Int32Array, part: { readonly first: number; readonly end: number }): number {
		const row = this.#take(part.end - part.first);
		for (let at = 0; at < row.length; at++) row[at] = vector[part.first + at] as number;
		return this.#intern();
	}

	/** So many times the same page. */
	repeat(page: number, count: number): number {
		this.#take(count).fill(page);
		return this.#intern();
	}

	/** A row with another page at one place. */
	with(tuple: number, index: number, page: number): number {
		const begin = this.#begins[tuple] as number;
		const row = this.#take((this.#begins[tuple + 1] as number) - begin);
		for (let at = 0; at < row.length; at++) row[at] = this.#pages[begin + at] as number;
		row[index] = page;
		return this.#intern();
	}

	#take(count: number): Int32Array {
		if (this.#row.length !== count) this.#row = new Int32Array(count);
		return this.#row;
	}

	/** The number of the row in hand. */
	#intern(): number {
		const row = this.#row;
		let hash = row.length;
		for (let at = 0; at < row.length; at++) {
			hash = Math.imul(hash ^ (row[at] as number), 0x85ebca6b);
			hash ^= hash >>> 15;
		}
		const mask = this.#slots.length - 1;
		let slot = hash & mask;
		for (let tuple = this.#slots[slot] as number; tuple >= 0; tuple = this.#slots[slot] as number) {
			if (this.#hashes[tuple] === hash && this.#isRow(tuple)) return tuple;
			slot = (slot + 1) & mask;
		}
		return this.#add(slot, hash);
	}

	#isRow(tuple: number): boolean {
		const row = this.#row;
		const begin = this.#begins[tuple] as number;
		if ((this.#begins[tuple + 1] as number) - begin !== row.length) return false;
		for (let at = 0; at < row.length; at++) {
			if (this.#pages[begin + at] !== row[at]) return false;
		}
		return true;
	}

	#add(slot: number, hash: number): number {
		const tuple = this.#size++;
		const begin = this.#begins[tuple] as number;
		while (begin + this.#row.length > this.#pages.length) this.#pages = grown(this.#pages);
		if (tuple + 2 > this.#begins.length) {
			this.#begins = grown(this.#begins);
			this.#hashes = grown(this.#hashes);
		}
		this.#pages.set(this.#row, begin);
		this.#begins[tuple + 1] = begin + this.#row.length;
		this.#hashes[tuple] = hash;
		this.#slots[slot] = tuple;
		if (2 * this.#size > this.#slots.length) this.#rehash();
		return tuple;
	}

	#rehash(): void {
		const slots = new Int32Array(2 * this.#slots.length).fill(-1);
		const mask = slots.length - 1;
		for (let tuple = 0; tuple < this.#size; tuple++) {
			let slot = (this.#hashes[tuple] as number) & mask;
			while ((slots[slot] as number) >= 0) slot = (slot + 1) & mask;
			slots[slot] = tuple;
		}
		this.#slots = slots;
	}
}
