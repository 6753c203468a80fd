import { EndlessLoop } from '../bootloader/index.js';
import { FlashError, type FlashPort, type FlashSpan, type Geometry } from '../flash/index.js';
import type { FlashContents, SavedPlaces } from './flash-contents.js';
import type { FlashWitness, Operation, OperationWatcher } from './flash-watchers.js';
import type { MarkTable } from './mark-table.js';
import { coinOf, MarkedCells } from './marked-cells.js';
import type { OperationBook } from './operation-book.js';
import type { Sector } from './sectors.js';

/** Operations, and reads, that one call may take before it counts as endless: each unit programmed that often and more, but no more than that in all. */
const OPERATIONS_A_UNIT = 8;
const LEAST_OPERATIONS = 1_000;
const MOST_OPERATIONS = 100_000;
const MOST_READS = 2_000_000;

/** The state in hand as flash, with the rules and errors of `Flash`. */
export class WalkFlash implements FlashPort {
	readonly geometry: Geometry;
	readonly contents: FlashContents;
	readonly marks: MarkTable;
	readonly marked: MarkedCells;
	/** Nobody looks on: operations are carried out and that is all. */
	watcher: OperationWatcher = UNWATCHED;
	/** Is told what whoever runs learns and does. */
	witness: FlashWitness | null = null;
	/** Knows what operations make of states, and learns it; null: each is carried out. */
	book: OperationBook | null = null;
	/** Decides what weak cells read as. */
	readSeed = 0;
	readonly #mostOperations: number;
	#operations = 0;
	#reads = 0;

	constructor(options: { readonly geometry: Geometry; readonly contents: FlashContents; readonly marks: MarkTable }) {
		const { geometry, contents, marks } = options;
		this.geometry = geometry;
		this.contents = contents;
		this.marks = marks;
		this.#mostOperations = Math.min(MOST_OPERATIONS, LEAST_OPERATIONS + OPERATIONS_A_UNIT * (contents.sizeBytes / geometry.writeSizeBytes));
		this.marked = new MarkedCells({ contents, geometry, marks });
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

	read(offsetBytes: number, lengthBytes: number): Uint8Array {
		const bytes = this.#read(offsetBytes, lengthBytes);
		this.witness?.reads(offsetBytes, lengthBytes);
		return bytes;
	}

	program(offsetBytes: number, bytes: Uint8Array): void {
		const { book } = this;
		if (book === null) this.#program(offsetBytes, bytes);
		else this.#ask(book.asked.program(offsetBytes, bytes), { offsetBytes, lengthBytes: bytes.length });
	}

	copy(span: FlashSpan): void {
		const { book } = this;
		if (book === null) return this.#copy(span);
		const { fromBytes, toBytes, lengthBytes, unitBytes = lengthBytes } = span;
		const number = book.asked.copy({ at: toBytes, length: lengthBytes, from: fromBytes, unit: unitBytes });
		this.#ask(number, { offsetBytes: toBytes, lengthBytes });
	}

	/** What was asked for once, by its number in the book, is done again. */
	repeat(number: number): void {
		const book = this.book as OperationBook;
		const asked = book.asked.get(number);
		switch (asked.kind) {
			case 'erase': {
				const sector = this.contents.sectorOf(asked.at);
				if (this.#operations < this.#mostOperations && book.passErased(sector)) {
					this.#operations++;
					return;
				}
				return this.#carryOut(number, { isKnowable: true, operations: 1, work: () => this.#eraseOne(sector) });
			}
			case 'program': {
				const isKnowable = this.#isKnowable() && this.contents.isInOnePage(asked.at, asked.length);
				return this.#carryOut(number, { isKnowable, operations: 1, work: () => this.#program(asked.at, asked.bytes) });
			}
			case 'copy': {
				const { at, from, length, unit } = asked;
				const work = (): void => this.#copy({ fromBytes: from, toBytes: at, lengthBytes: length, unitBytes: unit });
				return this.#carryOut(number, { isKnowable: this.#isKnowable(), operations: Math.ceil(length / unit), work });
			}
			case 'counter':
				return this.#carryOut(number, { isKnowable: true, operations: 1, work: () => this.#advance(this.contents.counter, asked.to) });
		}
	}

	#read(offsetBytes: number, lengthBytes: number): Uint8Array {
		if (++this.#reads > MOST_READS) throw new EndlessLoop(`${MOST_READS} reads and no end`);
		this.#assertRange(offsetBytes, lengthBytes);
		const { contents } = this;
		if (contents.markSet !== 0) return this.marked.read(offsetBytes, lengthBytes, coinOf(this.readSeed, this.#reads));
		return contents.isInOnePage(offsetBytes, lengthBytes) ? contents.view(offsetBytes, lengthBytes) : contents.bytes(offsetBytes, lengthBytes);
	}

	erase(offsetBytes: number, lengthBytes: number): void {
		this.#assertRange(offsetBytes, lengthBytes);
		const end = offsetBytes + lengthBytes;
		const last = this.contents.sectorOf(end - 1);
		if (this.contents.sectorOf(offsetBytes).offsetBytes !== offsetBytes || last.offsetBytes + last.sizeBytes !== end) {
			throw new FlashError('misaligned', { message: `erase: whole sectors were expected, got ${lengthBytes} bytes at ${offsetBytes}`, offsetBytes });
		}
		for (let at = offsetBytes; at < end; ) {
			const sector = this.contents.sectorOf(at);
			this.#eraseSector(sector);
			at += sector.sizeBytes;
		}
	}

	isErased(offsetBytes: number, lengthBytes: number): boolean {
		const { erasedByte } = this.geometry;
		return this.#everyPart(offsetBytes, { lengthBytes, passesBlank: true, holds: (bytes) => bytes.every((byte) => byte === erasedByte) });
	}

	isHolding(offsetBytes: number, bytes: Uint8Array): boolean {
		return this.#everyPart(offsetBytes, {
			lengthBytes: bytes.length,
			passesBlank: false,
			holds: (part, inRangeBytes) => part.every((byte, index) => byte === bytes[inRangeBytes + index]),
		});
	}

	/** Advances the one-way counter: an operation like any other. */
	advance(to: number): void {
		const from = this.contents.counter;
		if (!(to > from)) throw new RangeError(`to: above ${from} was expected, got ${to}`);
		const { book } = this;
		if (book === null) this.#advance(from, to);
		else this.#ask(book.asked.counter(to), { offsetBytes: 0, lengthBytes: 0 });
	}

	/** What an operation may change, tears included: for `restore` of the contents. */
	save(operation: Operation): SavedPlaces {
		if (operation.kind === 'counter') return this.contents.save(null);
		return this.contents.save({ offsetBytes: operation.offsetBytes, lengthBytes: operation.kind === 'erase' ? operation.lengthBytes : operation.bytes.length });
	}

	#program(offsetBytes: number, bytes: Uint8Array): void {
		this.#begin(offsetBytes, bytes.length);
		this.watcher.before?.({ kind: 'program', offsetBytes, bytes });
		const { contents } = this;
		for (let done = 0; done < bytes.length; ) {
			const at = offsetBytes + done;
			const partBytes = Math.min(contents.toPageEnd(at), bytes.length - done);
			const part = partBytes === bytes.length ? bytes : bytes.subarray(done, done + partBytes);
			contents.setPageAt(at, contents.edits.program(contents.placeOf(at), part));
			done += partBytes;
		}
		if (this.geometry.writeOnce) this.marked.spend(offsetBytes, bytes.length);
		this.watcher.after();
	}

	#copy({ fromBytes, toBytes, lengthBytes, unitBytes = lengthBytes }: FlashSpan): void {
		for (let done = 0; done < lengthBytes; done += unitBytes) {
			this.#copyUnit({ fromBytes: fromBytes + done, toBytes: toBytes + done, lengthBytes: Math.min(unitBytes, lengthBytes - done) });
		}
	}

	#copyUnit({ fromBytes, toBytes, lengthBytes }: FlashSpan): void {
		const { contents } = this;
		const fits = contents.isInOnePage(fromBytes, lengthBytes) && contents.isInOnePage(toBytes, lengthBytes);
		if (this.watcher.before !== undefined || contents.markSet !== 0 || this.geometry.writeOnce || !fits) {
			this.#program(toBytes, this.#read(fromBytes, lengthBytes));
			return;
		}
		this.#assertRange(fromBytes, lengthBytes);
		this.#begin(toBytes, lengthBytes);
		const { page, offsetBytes } = contents.placeOf(fromBytes);
		contents.setPageAt(toBytes, contents.edits.copy(contents.placeOf(toBytes), { page, offsetBytes, lengthBytes }));
		this.watcher.after();
	}

	#eraseSector(sector: Sector): void {
		const { book } = this;
		const { offsetBytes, sizeBytes: lengthBytes } = sector;
		if (book === null) this.#eraseOne(sector);
		else this.#ask(book.asked.erase(offsetBytes, lengthBytes), { offsetBytes, lengthBytes });
	}

	/** `range`: what it changes. */
	#ask(number: number, range: { readonly offsetBytes: number; readonly lengthBytes: number }): void {
		const { witness } = this;
		witness?.does(number, range);
		this.repeat(number);
		witness?.done();
	}

	/** `isKnowable`: the same of the same state comes to the same. */
	#carryOut(number: number, what: { readonly isKnowable: boolean; readonly operations: number; readonly work: () => void }): void {
		const book = this.book as OperationBook;
		const { isKnowable, operations, work } = what;
		if (isKnowable && this.#operations + operations <= this.#mostOperations) {
			const known = book.find(number);
			if (known >= 0) {
				this.#operations += operations;
				book.pass(known);
				return;
			}
		}
		book.open();
		work();
		book.keep(isKnowable ? number : null);
	}

	#eraseOne(sector: Sector): void {
		const { offsetBytes, sizeBytes: lengthBytes } = sector;
		const { contents } = this;
		this.#count();
		this.watcher.before?.({ kind: 'erase', offsetBytes, lengthBytes });
		contents.erase(sector);
		if (contents.markSet !== 0) contents.setMarks(this.marks.without(contents.markSet, { offsetBytes, lengthBytes }));
		this.watcher.after();
	}

	/** False where the same operation may come to something else: it depends on reads, and those on chance. */
	#isKnowable(): boolean {
		const { markSet } = this.contents;
		return markSet === 0 || !this.marks.isWeak(markSet);
	}

	#begin(offsetBytes: number, lengthBytes: number): void {
		this.#assertRange(offsetBytes, lengthBytes);
		const { writeSizeBytes, writeOnce } = this.geometry;
		if (offsetBytes % writeSizeBytes !== 0 || lengthBytes % writeSizeBytes !== 0) {
			throw new FlashError('misaligned', {
				message: `program: units of ${writeSizeBytes} bytes were expected, got ${lengthBytes} bytes at ${offsetBytes}`,
				offsetBytes,
			});
		}
		if (this.contents.markSet !== 0) this.marked.assertReadable(offsetBytes, lengthBytes);
		if (writeOnce && (this.marked.isSpent({ offsetBytes, sizeBytes: lengthBytes }) || !this.isErased(offsetBytes, lengthBytes))) {
			throw new FlashError('write-once', { message: `program: units not yet programmed were expected in ${lengthBytes} bytes at ${offsetBytes}`, offsetBytes });
		}
		this.#count();
	}

	#advance(from: number, to: number): void {
		this.#count();
		this.watcher.before?.({ kind: 'counter', from, to });
		this.contents.setCounter(to);
		this.watcher.after();
	}

	#count(): void {
		if (++this.#operations > this.#mostOperations) throw new EndlessLoop(`${this.#mostOperations} flash operations and no end`);
	}

	#assertRange(offsetBytes: number, lengthBytes: number): void {
		if (offsetBytes >= 0 && lengthBytes > 0 && offsetBytes + lengthBytes <= this.contents.sizeBytes) return;
		throw new FlashError('out-of-range', {
			message: `1 to ${this.contents.sizeBytes} bytes of flash were expected, got ${lengthBytes} at ${offsetBytes}`,
			offsetBytes,
		});
	}

	/** False where a unit in the range is in error. */
	#everyPart(offsetBytes: number, options: { readonly lengthBytes: number; readonly passesBlank: boolean; readonly holds: HoldsPart }): boolean {
		const { lengthBytes, passesBlank, holds } = options;
		const { contents } = this;
		this.#assertRange(offsetBytes, lengthBytes);
		if (this.marked.isInError({ offsetBytes, sizeBytes: lengthBytes })) return false;
		for (let done = 0; done < lengthBytes; ) {
			const at = offsetBytes + done;
			const sector = contents.sectorOf(at);
			this.witness?.reads(at, 1);
			if (passesBlank && contents.isBlank(sector)) {
				done += sector.offsetBytes + sector.sizeBytes - at;
				continue;
			}
			const partBytes = Math.min(contents.toPageEnd(at), lengthBytes - done);
			if (!holds(contents.view(at, partBytes), done)) return false;
			done += partBytes;
		}
		return true;
	}
}

type HoldsPart = (bytes: Uint8Array, inRangeBytes: number) => boolean;

const UNWATCHED: OperationWatcher = { after: () => {} };
