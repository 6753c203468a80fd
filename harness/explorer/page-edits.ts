import { FlashError, type PageStore } from '../flash/index.js';
import { grown } from './grown.js';
import { TupleMap } from './tuple-map.js';

/** A place inside one page. */
export interface PagePlace {
	readonly page: number;
	readonly offsetBytes: number;
}

/**
 * What programs make of pages, remembered: the same bytes at the same place of the same page need no second look. Every
 * page it has seen is held for good, so that numbers stand for bytes as long as the walk lasts.
 */
export class PageEdits {
	readonly #store: PageStore;
	readonly #copies = new TupleMap();
	readonly #masks: PageMask;
	/** Four numbers a program: page before, offset, length, page after. */
	#programs = new Int32Array(PROGRAM << 8);
	#slots = new Int32Array(1 << 10).fill(-1);
	#size = 0;

	constructor(store: PageStore, options: { readonly erasedByte: 0xff | 0x00 }) {
		this.#store = store;
		this.#masks = options.erasedByte === 0xff ? clearsOnly : setsOnly;
	}

	get sizeBytes(): number {
		return this.#programs.byteLength + this.#slots.byteLength + this.#copies.sizeBytes;
	}

	/** The page after a program. Throws FlashError `not-erased` where a bit would move toward erased; `offsetBytes` there is in the page. */
	program(at: PagePlace, bytes: Uint8Array): number {
		const mask = this.#slots.length - 1;
		let slot = hashProgram(at, bytes) & mask;
		for (let index = this.#slots[slot] as number; index >= 0; index = this.#slots[slot] as number) {
			const after = this.#programs[index * PROGRAM + 3] as number;
			if (this.#isThat(index, at, bytes)) return after;
			slot = (slot + 1) & mask;
		}
		const after = this.#write(at, bytes);
		this.#remember(slot, [at.page, at.offsetBytes, bytes.length, after]);
		return after;
	}

	/** The page after a program of what stands at `from`. */
	copy(to: PagePlace, from: PagePlace & { readonly lengthBytes: number }): number {
		const known = this.#copies.find([to.page, to.offsetBytes, from.page, from.offsetBytes, from.lengthBytes]);
		if (known >= 0) return known;
		const after = this.#write(to, this.#store.bytes(from.page).subarray(from.offsetBytes, from.offsetBytes + from.lengthBytes));
		this.#copies.put(after);
		return after;
	}

	/** The page with other bytes at a place, whatever stood there: what a tear leaves. */
	replace(at: PagePlace, bytes: Uint8Array): number {
		this.#store.retain(at.page);
		return this.#store.replace(at.page, { offsetBytes: at.offsetBytes, bytes });
	}

	#write(at: PagePlace, bytes: Uint8Array): number {
		const before = this.#store.bytes(at.page);
		for (let index = 0; index < bytes.length; index++) {
			if (this.#masks(before[at.offsetBytes + index] as number, bytes[index] as number)) continue;
			const offsetBytes = at.offsetBytes + index;
			throw new FlashError('not-erased', { message: 'program: bits that only leave the erased value were expected, got one that returns to it', offsetBytes });
		}
		return this.replace(at, bytes);
	}

	/** A program that changes nothing it should not leaves exactly its bytes behind: the page after it says what they were. */
	#isThat(index: number, at: PagePlace, bytes: Uint8Array): boolean {
		const entry = index * PROGRAM;
		const programs = this.#programs;
		if (programs[entry] !== at.page || programs[entry + 1] !== at.offsetBytes || programs[entry + 2] !== bytes.length) return false;
		const after = this.#store.bytes(programs[entry + 3] as number);
		if (bytes.length > COMPARED_IN_PLACE) return Buffer.compare(after.subarray(at.offsetBytes, at.offsetBytes + bytes.length), bytes) === 0;
		for (let place = 0; place < bytes.length; place++) {
			if (after[at.offsetBytes + place] !== bytes[place]) return false;
		}
		return true;
	}

	#remember(slot: number, entry: readonly number[]): void {
		const index = this.#size++;
		if (index * PROGRAM === this.#programs.length) this.#programs = grown(this.#programs);
		this.#programs.set(entry, index * PROGRAM);
		this.#slots[slot] = index;
		if (2 * this.#size > this.#slots.length) this.#rehash();
	}

	#rehash(): void {
		const slots = new Int32Array(2 * this.#slots.length).fill(-1);
		const mask = slots.length - 1;
		for (let index = 0; index < this.#size; index++) {
			const [page = 0, offsetBytes = 0, length = 0, after = 0] = this.#programs.subarray(index * PROGRAM, (index + 1) * PROGRAM);
			const bytes = this.#store.bytes(after).subarray(offsetBytes, offsetBytes + length);
			let slot = hashProgram({ page, offsetBytes }, bytes) & mask;
			while ((slots[slot] as number) >= 0) slot = (slot + 1) & mask;
			slots[slot] = index;
		}
		this.#slots = slots;
	}
}

const PROGRAM = 4;
/** Bytes of a program that its hash looks at: long ones are told apart by the comparison that follows. */
const HASHED_BYTES = 32;

/** Bytes up to which a loop is faster than a call into native code. */
const COMPARED_IN_PLACE = 64;

const hashProgram = (at: PagePlace, bytes: Uint8Array): number => {
	let hash = Math.imul(at.page ^ Math.imul(at.offsetBytes + 1, 0x9e3779b1), 0x85ebca6b) ^ bytes.length;
	const step = Math.max(1, Math.floor(bytes.length / HASHED_BYTES));
	for (let place = 0; place < bytes.length; place += step) {
		hash = Math.imul(hash ^ (bytes[place] as number), 0x01000193);
		hash ^= hash >>> 15;
	}
	return hash;
};

type PageMask = (before: number, wanted: number) => boolean;
const clearsOnly: PageMask = (before, wanted) => (wanted & ~before) === 0;
const setsOnly: PageMask = (before, wanted) => (before & ~wanted & 0xff) === 0;
