import { EndlessLoop } from '../bootloader/index.js';
import { type FlashArea, FlashError, type FlashPort, type FlashSpan, type Geometry, geometrySizeBytes, type PageStore } from '../flash/index.js';
import type { MarkTable } from './mark-table.js';
import { ASKED, type OperationBook } from './operation-book.js';
import { PageEdits, type PagePlace } from './page-edits.js';
import { type Sector, sectorsOf } from './sectors.js';
import type { StateTable } from './state-table.js';

/** An operation about to be carried out: power may go before, in the middle of it or after. */
export type Operation =
	| { readonly kind: 'program'; readonly offsetBytes: number; readonly bytes: Uint8Array }
	| { readonly kind: 'erase'; readonly offsetBytes: number; readonly lengthBytes: number }
	| { readonly kind: 'counter'; readonly from: number; readonly to: number };

/** Who looks on while something runs on the flash, and may end it by throwing PowerLoss. */
export interface OperationWatcher {
	/** The operation has not begun. Absent: nobody asks what it is. */
	readonly before?: (operation: Operation) => void;
	/** It is done, and the state in hand is the one after it. */
	readonly after: () => void;
}

/** Operations, and reads, that one call may take before it counts as endless. */
const MOST_OPERATIONS = 100_000;
const MOST_READS = 2_000_000;

/**
 * The state in hand as flash: a page for each place of the vector, then the set of marks, then the one-way counter.
 * Rules and errors are those of `Flash`, except that parts written once are not modelled here.
 */
export class WalkFlash implements FlashPort {
	readonly geometry: Geometry;
	readonly states: StateTable;
	readonly marks: MarkTable;
	readonly store: PageStore;
	readonly edits: PageEdits;
	readonly pageCount: number;
	readonly sizeBytes: number;
	/** Nobody looks on: operations are carried out and that is all. */
	watcher: OperationWatcher = UNWATCHED;
	/** Knows what operations make of states, and learns it; null: each is carried out. */
	book: OperationBook | null = null;
	/** Decides what weak cells read as. */
	readSeed = 0;
	readonly #sectors: readonly Sector[];
	readonly #blank: number;
	readonly #pageShift: number;
	readonly #pageMask: number;
	#operations = 0;
	#reads = 0;

	constructor(options: { readonly geometry: Geometry; readonly states: StateTable; readonly store: PageStore; readonly marks: MarkTable }) {
		const { geometry, states, store, marks } = options;
		if (geometry.writeOnce) throw new RangeError('geometry: a part whose units may be programmed again was expected, got one that is written once');
		this.geometry = geometry;
		this.states = states;
		this.store = store;
		this.marks = marks;
		this.edits = new PageEdits(store, geometry);
		this.sizeBytes = geometrySizeBytes(geometry);
		this.pageCount = this.sizeBytes / store.pageSizeBytes;
		this.#sectors = sectorsOf(geometry);
		this.#blank = store.erasedPage(geometry.erasedByte);
		this.#pageShift = Math.log2(store.pageSizeBytes);
		this.#pageMask = store.pageSizeBytes - 1;
	}

	/** Operations since `restart`. */
	get operations(): number {
		return this.#operations;
	}

	/** Another call begins: what it may take is counted anew. */
	restart(): void {
		this.#operations = 0;
		this.#reads = 0;
	}

	unwatch(): void {
		this.watcher = UNWATCHED;
		this.book = null;
	}

	get markSet(): number {
		return this.states.hand[this.pageCount] as number;
	}

	setMarks(set: number): void {
		this.states.set(this.pageCount, set);
	}

	get counter(): number {
		return this.states.hand[this.pageCount + 1] as number;
	}

	read(offsetBytes: number, lengthBytes: number): Uint8Array {
		if (++this.#reads > MOST_READS) throw new EndlessLoop(`${MOST_READS} reads and no end`);
		this.#assertRange(offsetBytes, lengthBytes);
		if (this.markSet !== 0) return this.#readMarked(offsetBytes, lengthBytes);
		const inPageBytes = offsetBytes & this.#pageMask;
		if (this.isInOnePage(offsetBytes, lengthBytes)) {
			return this.store.bytes(this.pageAt(offsetBytes)).subarray(inPageBytes, inPageBytes + lengthBytes);
		}
		return this.bytes(offsetBytes, lengthBytes);
	}

	program(offsetBytes: number, bytes: Uint8Array): void {
		const { book } = this;
		if (book === null) return this.#program(offsetBytes, bytes);
		const asked = { kind: ASKED.program, at: offsetBytes, length: bytes.length, from: 0, unit: 0 };
		const isKnowable = this.#isKnowable() && this.isInOnePage(offsetBytes, bytes.length);
		if (isKnowable && this.#pass(book, { known: book.find(asked, bytes), operations: 1 })) return;
		book.open();
		this.#program(offsetBytes, bytes);
		book.keep(isKnowable ? asked : null);
	}

	copy(span: FlashSpan): void {
		const { book } = this;
		if (book === null) return this.#copy(span);
		const { fromBytes, toBytes, lengthBytes, unitBytes = lengthBytes } = span;
		const asked = { kind: ASKED.copy, at: toBytes, length: lengthBytes, from: fromBytes, unit: unitBytes };
		const isKnowable = this.#isKnowable();
		if (isKnowable && this.#pass(book, { known: book.find(asked), operations: Math.ceil(lengthBytes / unitBytes) })) return;
		book.open();
		this.#copy(span);
		book.keep(isKnowable ? asked : null);
	}

	erase(offsetBytes: number, lengthBytes: number): void {
		this.#assertRange(offsetBytes, lengthBytes);
		const end = offsetBytes + lengthBytes;
		let index = this.#sectors.findIndex((sector) => sector.offsetBytes === offsetBytes);
		if (index < 0 || !this.#sectors.some((sector) => sector.offsetBytes + sector.sizeBytes === end)) {
			throw new FlashError('misaligned', { message: `erase: whole sectors were expected, got ${lengthBytes} bytes at ${offsetBytes}`, offsetBytes });
		}
		for (let at = offsetBytes; at < end; index++) {
			const { sizeBytes } = this.#sectors[index] as Sector;
			this.#eraseSector(at, sizeBytes);
			at += sizeBytes;
		}
	}

	isErased(offsetBytes: number, lengthBytes: number): boolean {
		const { erasedByte } = this.geometry;
		return this.#everyPart(offsetBytes, { lengthBytes, holds: (page, bytes) => page === this.#blank || bytes.every((byte) => byte === erasedByte) });
	}

	isHolding(offsetBytes: number, bytes: Uint8Array): boolean {
		return this.#everyPart(offsetBytes, {
			lengthBytes: bytes.length,
			holds: (_page, part, inRangeBytes) => part.every((byte, index) => byte === bytes[inRangeBytes + index]),
		});
	}

	/** Advances the one-way counter: an operation like any other. */
	advance(to: number): void {
		const from = this.counter;
		if (!(to > from)) throw new RangeError(`to: above ${from} was expected, got ${to}`);
		const { book } = this;
		if (book === null) return this.#advance(from, to);
		const asked = { kind: ASKED.counter, at: to, length: 0, from: 0, unit: 0 };
		if (this.#pass(book, { known: book.find(asked), operations: 1 })) return;
		book.open();
		this.#advance(from, to);
		book.keep(asked);
	}

	/** The number of the page at an offset. */
	pageAt(offsetBytes: number): number {
		return this.states.hand[offsetBytes >> this.#pageShift] as number;
	}

	/** True where a state holds bytes at an offset, all of them in one page. */
	holdsIn(state: number, offsetBytes: number, bytes: Uint8Array): boolean {
		const page = this.store.bytes(this.states.at(state, offsetBytes >> this.#pageShift));
		const inPageBytes = offsetBytes & this.#pageMask;
		if (bytes.length > COMPARED_IN_PLACE) return Buffer.compare(page.subarray(inPageBytes, inPageBytes + bytes.length), bytes) === 0;
		for (let place = 0; place < bytes.length; place++) {
			if (page[inPageBytes + place] !== bytes[place]) return false;
		}
		return true;
	}

	setPageAt(offsetBytes: number, page: number): void {
		this.states.set(offsetBytes >> this.#pageShift, page);
	}

	placeOf(offsetBytes: number): PagePlace {
		return { page: this.pageAt(offsetBytes), offsetBytes: offsetBytes & this.#pageMask };
	}

	isInOnePage(offsetBytes: number, lengthBytes: number): boolean {
		return (offsetBytes & this.#pageMask) + lengthBytes <= this.store.pageSizeBytes;
	}

	/** A copy of what lies there, whatever marks it bears: for whoever looks from outside. */
	bytes(offsetBytes: number, lengthBytes: number): Uint8Array {
		const bytes = new Uint8Array(lengthBytes);
		for (let done = 0; done < lengthBytes; ) {
			const inPageBytes = (offsetBytes + done) & this.#pageMask;
			const partBytes = Math.min(this.store.pageSizeBytes - inPageBytes, lengthBytes - done);
			bytes.set(this.store.bytes(this.pageAt(offsetBytes + done)).subarray(inPageBytes, inPageBytes + partBytes), done);
			done += partBytes;
		}
		return bytes;
	}

	/** Overwrites whatever stood there: what a tear leaves, and how a part comes from the factory. */
	overwrite(offsetBytes: number, bytes: Uint8Array): void {
		for (let done = 0; done < bytes.length; ) {
			const at = offsetBytes + done;
			const inPageBytes = at & this.#pageMask;
			const partBytes = Math.min(this.store.pageSizeBytes - inPageBytes, bytes.length - done);
			this.setPageAt(at, this.edits.replace(this.placeOf(at), bytes.subarray(done, done + partBytes)));
			done += partBytes;
		}
	}

	/** What an operation may change, tears included: for `restoreSaved`. */
	save(operation: Operation): SavedPlaces {
		const sector = operation.kind === 'counter' ? null : this.sectorOf(operation.offsetBytes);
		const lengthBytes = operation.kind === 'erase' ? operation.lengthBytes : operation.kind === 'program' ? operation.bytes.length : 0;
		const first = sector === null ? 0 : sector.offsetBytes >> this.#pageShift;
		const endBytes = sector === null ? 0 : Math.max(sector.offsetBytes + sector.sizeBytes, (operation as { offsetBytes: number }).offsetBytes + lengthBytes);
		const end = (endBytes + this.#pageMask) >> this.#pageShift;
		return { first, pages: this.states.hand.slice(first, end), marks: this.markSet, counter: this.counter };
	}

	restoreSaved({ first, pages, marks, counter }: SavedPlaces): void {
		for (let index = 0; index < pages.length; index++) this.states.set(first + index, pages[index] as number);
		this.setMarks(marks);
		this.states.set(this.pageCount + 1, counter);
	}

	/** Some unit there cannot be read, or not twice alike. */
	isInError({ offsetBytes, sizeBytes }: FlashArea): boolean {
		if (this.markSet === 0) return false;
		return this.marks.marks(this.markSet).some((mark) => mark.offsetBytes < offsetBytes + sizeBytes && mark.offsetBytes + mark.lengthBytes > offsetBytes);
	}

	sectorOf(offsetBytes: number): Sector {
		return this.#sectors.find((sector) => offsetBytes < sector.offsetBytes + sector.sizeBytes) as Sector;
	}

	#program(offsetBytes: number, bytes: Uint8Array): void {
		this.#begin(offsetBytes, bytes.length);
		this.watcher.before?.({ kind: 'program', offsetBytes, bytes });
		const { pageSizeBytes } = this.store;
		for (let done = 0; done < bytes.length; ) {
			const at = offsetBytes + done;
			const inPageBytes = at & this.#pageMask;
			const partBytes = Math.min(pageSizeBytes - inPageBytes, bytes.length - done);
			const part = partBytes === bytes.length ? bytes : bytes.subarray(done, done + partBytes);
			this.setPageAt(at, this.edits.program(this.placeOf(at), part));
			done += partBytes;
		}
		this.watcher.after();
	}

	#copy({ fromBytes, toBytes, lengthBytes, unitBytes = lengthBytes }: FlashSpan): void {
		for (let done = 0; done < lengthBytes; done += unitBytes) {
			this.#copyUnit({ fromBytes: fromBytes + done, toBytes: toBytes + done, lengthBytes: Math.min(unitBytes, lengthBytes - done) });
		}
	}

	#copyUnit({ fromBytes, toBytes, lengthBytes }: FlashSpan): void {
		const fits = this.isInOnePage(fromBytes, lengthBytes) && this.isInOnePage(toBytes, lengthBytes);
		if (this.watcher.before !== undefined || this.markSet !== 0 || !fits) {
			this.#program(toBytes, this.read(fromBytes, lengthBytes));
			return;
		}
		this.#assertRange(fromBytes, lengthBytes);
		this.#begin(toBytes, lengthBytes);
		this.setPageAt(toBytes, this.edits.copy(this.placeOf(toBytes), { page: this.pageAt(fromBytes), offsetBytes: fromBytes & this.#pageMask, lengthBytes }));
		this.watcher.after();
	}

	#eraseSector(offsetBytes: number, lengthBytes: number): void {
		const { book } = this;
		if (book === null) return this.#eraseOne(offsetBytes, lengthBytes);
		const asked = { kind: ASKED.erase, at: offsetBytes, length: lengthBytes, from: 0, unit: 0 };
		if (this.#pass(book, { known: book.find(asked), operations: 1 })) return;
		book.open();
		this.#eraseOne(offsetBytes, lengthBytes);
		book.keep(asked);
	}

	/** False where the same operation may come to something else: it depends on reads, and those on chance. */
	#isKnowable(): boolean {
		return this.markSet === 0 || !this.marks.isWeak(this.markSet);
	}

	/** False where it is not known, or one too many. */
	#pass(book: OperationBook, what: { readonly known: number; readonly operations: number }): boolean {
		if (what.known < 0 || this.#operations + what.operations > MOST_OPERATIONS) return false;
		this.#operations += what.operations;
		book.pass(what.known);
		return true;
	}

	#eraseOne(offsetBytes: number, lengthBytes: number): void {
		this.#count();
		this.watcher.before?.({ kind: 'erase', offsetBytes, lengthBytes });
		const first = offsetBytes >> this.#pageShift;
		const end = (offsetBytes + lengthBytes) >> this.#pageShift;
		for (let place = first; place < end; place++) this.states.set(place, this.#blank);
		if (this.markSet !== 0) this.setMarks(this.marks.without(this.markSet, { offsetBytes, lengthBytes }));
		this.watcher.after();
	}

	#begin(offsetBytes: number, lengthBytes: number): void {
		this.#assertRange(offsetBytes, lengthBytes);
		const { writeSizeBytes } = this.geometry;
		if (offsetBytes % writeSizeBytes !== 0 || lengthBytes % writeSizeBytes !== 0) {
			throw new FlashError('misaligned', {
				message: `program: units of ${writeSizeBytes} bytes were expected, got ${lengthBytes} bytes at ${offsetBytes}`,
				offsetBytes,
			});
		}
		if (this.markSet !== 0) this.#assertReadable(offsetBytes, lengthBytes);
		this.#count();
	}

	#advance(from: number, to: number): void {
		this.#count();
		this.watcher.before?.({ kind: 'counter', from, to });
		this.states.set(this.pageCount + 1, to);
		this.watcher.after();
	}

	#count(): void {
		if (++this.#operations > MOST_OPERATIONS) throw new EndlessLoop(`${MOST_OPERATIONS} flash operations and no end`);
	}

	#readMarked(offsetBytes: number, lengthBytes: number): Uint8Array {
		this.#assertReadable(offsetBytes, lengthBytes);
		const bytes = this.bytes(offsetBytes, lengthBytes);
		for (const mark of this.marks.marks(this.markSet)) {
			if (mark.kind !== 'weak') continue;
			const end = Math.min(mark.offsetBytes + mark.lengthBytes, offsetBytes + lengthBytes);
			for (let at = Math.max(mark.offsetBytes, offsetBytes); at < end; at++) {
				if (coin(this.readSeed, Math.imul(at, 0x9e3779b1) ^ this.#reads)) bytes[at - offsetBytes] = this.geometry.erasedByte;
			}
		}
		return bytes;
	}

	#assertReadable(offsetBytes: number, lengthBytes: number): void {
		for (const mark of this.marks.marks(this.markSet)) {
			if (mark.kind !== 'unreadable' || mark.offsetBytes >= offsetBytes + lengthBytes || mark.offsetBytes + mark.lengthBytes <= offsetBytes) continue;
			throw new FlashError('unreadable', {
				message: `readable flash was expected, ${mark.lengthBytes} bytes at ${mark.offsetBytes} are torn`,
				offsetBytes: mark.offsetBytes,
			});
		}
	}

	#assertRange(offsetBytes: number, lengthBytes: number): void {
		if (offsetBytes >= 0 && lengthBytes > 0 && offsetBytes + lengthBytes <= this.sizeBytes) return;
		throw new FlashError('out-of-range', { message: `1 to ${this.sizeBytes} bytes of flash were expected, got ${lengthBytes} at ${offsetBytes}`, offsetBytes });
	}

	/** False where a unit in the range is in error. */
	#everyPart(offsetBytes: number, options: { readonly lengthBytes: number; readonly holds: HoldsPart }): boolean {
		const { lengthBytes, holds } = options;
		this.#assertRange(offsetBytes, lengthBytes);
		if (this.isInError({ offsetBytes, sizeBytes: lengthBytes })) return false;
		for (let done = 0; done < lengthBytes; ) {
			const page = this.pageAt(offsetBytes + done);
			const inPageBytes = (offsetBytes + done) & this.#pageMask;
			const partBytes = Math.min(this.store.pageSizeBytes - inPageBytes, lengthBytes - done);
			if (!holds(page, this.store.bytes(page).subarray(inPageBytes, inPageBytes + partBytes), done)) return false;
			done += partBytes;
		}
		return true;
	}
}

/** Places of the vector in hand as they were. */
export interface SavedPlaces {
	readonly first: number;
	readonly pages: Int32Array;
	readonly marks: number;
	readonly counter: number;
}

/** Bytes up to which a loop is faster than a call into native code. */
const COMPARED_IN_PLACE = 64;

type HoldsPart = (page: number, bytes: Uint8Array, inRangeBytes: number) => boolean;

const UNWATCHED: OperationWatcher = { after: () => {} };

const coin = (seed: number, what: number): boolean => {
	let hash = Math.imul(seed ^ what, 0x85ebca6b);
	hash ^= hash >>> 15;
	return (Math.imul(hash, 0x2c1b3c6d) & 0x1_0000) !== 0;
};
