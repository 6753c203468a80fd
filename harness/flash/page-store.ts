/**
 * The distinct pages of all flash parts of a world, each kept once. A page never changes while somebody holds it;
 * a part holds pages by number and trades a number for another when it is programmed.
 *
 * Numbers are used again after the last holder lets go, `serial` never is: two pages are equal exactly when their
 * serials are, as long as both are held.
 */
export class PageStore {
	readonly pageSizeBytes: number;
	readonly #hash: (words: Uint32Array) => number;
	readonly #words: Uint32Array[] = [];
	/** The same pages as bytes: a view made at each read would cost more than the read. */
	readonly #bytes: Uint8Array[] = [];
	readonly #holders: number[] = [];
	readonly #serials: number[] = [];
	readonly #hashes: number[] = [];
	/** Next page with the same hash, -1 at the end. */
	readonly #next: number[] = [];
	readonly #first = new Map<number, number>();
	readonly #free: number[] = [];
	readonly #scratch: Uint32Array;
	readonly #scratchBytes: Uint8Array;
	#slab: ArrayBuffer | null = null;
	#slabUsed = 0;
	#serial = 0;

	/**
	 * `pageSizeBytes`: a power of two, 32 to 4096, that divides every sector of the parts to come. `hash` is for tests
	 * of collisions.
	 */
	constructor(options: { readonly pageSizeBytes?: number; readonly hash?: (words: Uint32Array) => number } = {}) {
		const size = options.pageSizeBytes ?? DEFAULT_PAGE_SIZE_BYTES;
		if (!(size >= 32 && size <= 4096 && Number.isInteger(Math.log2(size)))) {
			throw new RangeError(`pageSizeBytes: a power of two from 32 to 4096 was expected, got ${size}`);
		}
		this.pageSizeBytes = size;
		this.#hash = options.hash ?? hashWords;
		this.#scratch = new Uint32Array(size / 4);
		this.#scratchBytes = new Uint8Array(this.#scratch.buffer);
		for (const word of [0xffffffff, 0]) {
			this.#scratch.fill(word);
			this.#intern();
		}
	}

	/** Distinct pages that somebody holds, the two erased ones included. */
	get pageCount(): number {
		return this.#words.length - this.#free.length;
	}

	/** The page of nothing but erased bytes: fixed, always held. */
	erasedPage(erasedByte: 0xff | 0x00): number {
		return erasedByte === 0xff ? 0 : 1;
	}

	/** The bytes of a page, to be read only. */
	bytes(page: number): Uint8Array {
		this.#held(page);
		return this.#bytes[page] as Uint8Array;
	}

	serial(page: number): number {
		return this.#serials[page] as number;
	}

	retain(page: number): void {
		this.#held(page);
		(this.#holders[page] as number)++;
	}

	release(page: number): void {
		this.#held(page);
		const left = (this.#holders[page] as number) - 1;
		this.#holders[page] = left;
		if (left > 0) return;
		this.#unlink(page);
		this.#free.push(page);
	}

	/** Gives up `page` for the page that differs from it in `bytes` at `offsetBytes`, and holds that one. */
	replace(page: number, edit: { readonly offsetBytes: number; readonly bytes: Uint8Array }): number {
		if (edit.bytes.length < this.pageSizeBytes) this.#scratch.set(this.#held(page));
		this.#scratchBytes.set(edit.bytes, edit.offsetBytes);
		const result = this.#intern();
		this.release(page);
		return result;
	}

	#held(page: number): Uint32Array {
		const words = this.#words[page];
		if (words === undefined || this.#holders[page] === 0) throw new RangeError(`page: a page somebody holds was expected, got ${page}`);
		return words;
	}

	/** The page equal to the scratch page, held once more. */
	#intern(): number {
		const hash = this.#hash(this.#scratch);
		for (let page = this.#first.get(hash) ?? -1; page >= 0; page = this.#next[page] as number) {
			if (!isEqual(this.#words[page] as Uint32Array, this.#scratch)) continue;
			(this.#holders[page] as number)++;
			return page;
		}
		const page = this.#free.pop() ?? this.#grow();
		(this.#words[page] as Uint32Array).set(this.#scratch);
		this.#holders[page] = 1;
		this.#serials[page] = this.#serial++;
		this.#hashes[page] = hash;
		this.#next[page] = this.#first.get(hash) ?? -1;
		this.#first.set(hash, page);
		return page;
	}

	#grow(): number {
		if (this.#slab === null || this.#slabUsed === PAGES_PER_SLAB) {
			this.#slab = new ArrayBuffer(PAGES_PER_SLAB * this.pageSizeBytes);
			this.#slabUsed = 0;
		}
		const offsetBytes = this.#slabUsed++ * this.pageSizeBytes;
		this.#words.push(new Uint32Array(this.#slab, offsetBytes, this.pageSizeBytes / 4));
		this.#bytes.push(new Uint8Array(this.#slab, offsetBytes, this.pageSizeBytes));
		return this.#words.length - 1;
	}

	#unlink(page: number): void {
		const hash = this.#hashes[page] as number;
		const after = this.#next[page] as number;
		const first = this.#first.get(hash) as number;
		if (first === page) {
			if (after < 0) this.#first.delete(hash);
			else this.#first.set(hash, after);
			return;
		}
		let before = first;
		while (this.#next[before] !== page) before = this.#next[before] as number;
		this.#next[before] = after;
	}
}

const DEFAULT_PAGE_SIZE_BYTES = 1024;
const PAGES_PER_SLAB = 64;

const isEqual = (left: Uint32Array, right: Uint32Array): boolean => {
	for (let index = 0; index < left.length; index++) {
		if (left[index] !== right[index]) return false;
	}
	return true;
};

const hashWords = (words: Uint32Array): number => {
	let hash = 0x811c9dc5;
	for (let index = 0; index < words.length; index++) {
		hash = Math.imul(hash ^ (words[index] as number), 0x85ebca6b);
		hash ^= hash >>> 15;
	}
	return hash;
};
