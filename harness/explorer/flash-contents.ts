import { type Geometry, geometrySizeBytes, type PageStore } from '../flash/index.js';
import { PageEdits, type PagePlace } from './page-edits.js';
import { PageTuples } from './page-tuples.js';
import { type Sector, sectorsOf } from './sectors.js';
import { type MixHash, StateTable } from './state-table.js';

/**
 * The state in hand as bytes: a place of the vector for what each sector holds, then the set of marks, then the one-way
 * counter. What a sector holds is a number: that of its page where it is a single one, else that of a row of pages.
 */
export class FlashContents {
	readonly states: StateTable;
	readonly store: PageStore;
	readonly edits: PageEdits;
	readonly sizeBytes: number;
	/** Places of the vector. */
	readonly markPlace: number;
	readonly counterPlace: number;
	readonly #sectors: readonly Sector[];
	/** By sector: what it holds when it is erased. */
	readonly #blanks: readonly number[];
	readonly #rows = new PageTuples();
	/** By page of the part: its sector; by sector: its first page. */
	readonly #sectorOf: Int32Array;
	readonly #firstPage: Int32Array;
	readonly #pageShift: number;
	readonly #pageMask: number;

	constructor(options: { readonly geometry: Geometry; readonly store: PageStore; readonly mix?: MixHash }) {
		const { geometry, store } = options;
		const sectors = sectorsOf(geometry);
		this.store = store;
		this.states = new StateTable({ width: sectors.length + 2, ...(options.mix ? { mix: options.mix } : {}) });
		this.edits = new PageEdits(store, geometry);
		this.sizeBytes = geometrySizeBytes(geometry);
		this.markPlace = sectors.length;
		this.counterPlace = sectors.length + 1;
		this.#sectors = sectors;
		this.#pageShift = Math.log2(store.pageSizeBytes);
		this.#pageMask = store.pageSizeBytes - 1;
		this.#sectorOf = Int32Array.from(sectors.flatMap(({ index, sizeBytes }) => Array.from({ length: sizeBytes >> this.#pageShift }, () => index)));
		this.#firstPage = Int32Array.from(sectors, ({ offsetBytes }) => offsetBytes >> this.#pageShift);
		const blank = store.erasedPage(geometry.erasedByte);
		this.#blanks = sectors.map(({ sizeBytes }) => (sizeBytes === store.pageSizeBytes ? blank : ROWS + this.#rows.repeat(blank, sizeBytes >> this.#pageShift)));
	}

	get sizeHeldBytes(): number {
		return this.edits.sizeBytes + this.#rows.sizeBytes + this.store.pageCount * this.store.pageSizeBytes;
	}

	/** Takes a part in hand that was never used. */
	takeBlank(): void {
		for (const sector of this.#sectors) this.erase(sector);
		this.states.set(this.markPlace, 0);
		this.states.set(this.counterPlace, 0);
	}

	get markSet(): number {
		return this.states.hand[this.markPlace] as number;
	}

	setMarks(set: number): void {
		this.states.set(this.markPlace, set);
	}

	get counter(): number {
		return this.states.hand[this.counterPlace] as number;
	}

	setCounter(counter: number): void {
		this.states.set(this.counterPlace, counter);
	}

	sectorOf(offsetBytes: number): Sector {
		return this.#sectors[this.#sectorOf[offsetBytes >> this.#pageShift] as number] as Sector;
	}

	sector(index: number): Sector {
		return this.#sectors[index] as Sector;
	}

	/** What a sector holds: equal numbers, equal bytes, among sectors of one size. */
	held({ index }: Sector): number {
		return this.states.hand[index] as number;
	}

	hold({ index }: Sector, content: number): void {
		this.states.set(index, content);
	}

	isBlank({ index }: Sector): boolean {
		return this.states.hand[index] === this.#blanks[index];
	}

	erase({ index }: Sector): void {
		this.states.set(index, this.#blanks[index] as number);
	}

	/** The number of the page at an offset. */
	pageAt(offsetBytes: number): number {
		const page = offsetBytes >> this.#pageShift;
		const sector = this.#sectorOf[page] as number;
		const content = this.states.hand[sector] as number;
		return content < ROWS ? content : this.#rows.page(content - ROWS, page - (this.#firstPage[sector] as number));
	}

	setPageAt(offsetBytes: number, wanted: number): void {
		const page = offsetBytes >> this.#pageShift;
		const sector = this.#sectorOf[page] as number;
		const content = this.states.hand[sector] as number;
		this.states.set(sector, content < ROWS ? wanted : ROWS + this.#rows.with(content - ROWS, page - (this.#firstPage[sector] as number), wanted));
	}

	/** What a sector of several pages holds, not that of a single one. */
	isRow(content: number): boolean {
		return content >= ROWS;
	}

	/** Among such rows, counted from 0. */
	rowNumber(content: number): number {
		return content - ROWS;
	}

	/** The pages of such a row. */
	rowOf(content: number): readonly number[] {
		return this.#rows.pages(content - ROWS);
	}

	internRow(pages: readonly number[]): number {
		return ROWS + this.#rows.intern(pages);
	}

	/** The page of exactly those bytes, held for good. */
	internPage(bytes: Uint8Array): number {
		return this.edits.replace({ page: this.store.erasedPage(0xff), offsetBytes: 0 }, bytes);
	}

	placeOf(offsetBytes: number): PagePlace {
		return { page: this.pageAt(offsetBytes), offsetBytes: offsetBytes & this.#pageMask };
	}

	/** From an offset to the end of its page. */
	toPageEnd(offsetBytes: number): number {
		return this.store.pageSizeBytes - (offsetBytes & this.#pageMask);
	}

	isInOnePage(offsetBytes: number, lengthBytes: number): boolean {
		return (offsetBytes & this.#pageMask) + lengthBytes <= this.store.pageSizeBytes;
	}

	/** What lies there, all of it in one page: to be read only. */
	view(offsetBytes: number, lengthBytes: number): Uint8Array {
		const inPageBytes = offsetBytes & this.#pageMask;
		return this.store.bytes(this.pageAt(offsetBytes)).subarray(inPageBytes, inPageBytes + lengthBytes);
	}

	/** A copy of what lies there, whatever marks it bears: for whoever looks from outside. */
	bytes(offsetBytes: number, lengthBytes: number): Uint8Array {
		const bytes = new Uint8Array(lengthBytes);
		for (let done = 0; done < lengthBytes; ) {
			const partBytes = Math.min(this.toPageEnd(offsetBytes + done), lengthBytes - done);
			bytes.set(this.view(offsetBytes + done, partBytes), done);
			done += partBytes;
		}
		return bytes;
	}

	/** Overwrites whatever stood there: what a tear leaves, and how a part comes from the factory. */
	overwrite(offsetBytes: number, bytes: Uint8Array): void {
		for (let done = 0; done < bytes.length; ) {
			const at = offsetBytes + done;
			const partBytes = Math.min(this.toPageEnd(at), bytes.length - done);
			this.setPageAt(at, this.edits.replace(this.placeOf(at), bytes.subarray(done, done + partBytes)));
			done += partBytes;
		}
	}

	/** True where a state holds bytes at an offset, all of them in one page. */
	holdsIn(state: number, offsetBytes: number, bytes: Uint8Array): boolean {
		const page = offsetBytes >> this.#pageShift;
		const sector = this.#sectorOf[page] as number;
		const content = this.states.at(state, sector);
		const found = this.store.bytes(content < ROWS ? content : this.#rows.page(content - ROWS, page - (this.#firstPage[sector] as number)));
		const inPageBytes = offsetBytes & this.#pageMask;
		if (bytes.length > COMPARED_IN_PLACE) return Buffer.compare(found.subarray(inPageBytes, inPageBytes + bytes.length), bytes) === 0;
		for (let place = 0; place < bytes.length; place++) {
			if (found[inPageBytes + place] !== bytes[place]) return false;
		}
		return true;
	}

	/** The sectors that a range touches, marks and counter, as they are: for `restore`. */
	save(range: { readonly offsetBytes: number; readonly lengthBytes: number } | null): SavedPlaces {
		const first = range === null ? 0 : this.sectorOf(range.offsetBytes).index;
		const end = range === null ? 0 : this.sectorOf(range.offsetBytes + range.lengthBytes - 1).index + 1;
		return { first, contents: this.states.hand.slice(first, end), marks: this.markSet, counter: this.counter };
	}

	restore({ first, contents, marks, counter }: SavedPlaces): void {
		for (let index = 0; index < contents.length; index++) this.states.set(first + index, contents[index] as number);
		this.setMarks(marks);
		this.setCounter(counter);
	}
}

/** Places of the vector in hand as they were. */
export interface SavedPlaces {
	readonly first: number;
	readonly contents: Int32Array;
	readonly marks: number;
	readonly counter: number;
}

/** Numbers of rows begin here, those of pages end long before. */
const ROWS = 1 << 30;

/** Bytes up to which a loop is faster than a call into native code. */
const COMPARED_IN_PLACE = 64;
