import { EndlessLoop } from '../bootloader/index.js';
import { type FlashArea, FlashError, type FlashPort, type FlashSpan, type Geometry } from '../flash/index.js';
import { BlankRuns } from './blank-runs.js';
import type { FlashContents, SavedPlaces } from './flash-contents.js';
import type { Mark, MarkTable } from './mark-table.js';
import { ASKED, type OperationBook } from './operation-book.js';
import type { Sector } from './sectors.js';

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
	readonly #blankRuns: BlankRuns;
	/** Nobody looks on: operations are carried out and that is all. */
	watcher: OperationWatcher = UNWATCHED;
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
		this.#blankRuns = new BlankRuns(geometry);
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
		if (++this.#reads > MOST_READS) throw new EndlessLoop(`${MOST_READS} reads and no end`);
		this.#assertRange(offsetBytes, lengthBytes);
		const { contents } = this;
		if (contents.markSet !== 0) return this.#readMarked(offsetBytes, lengthBytes);
		return contents.isInOnePage(offsetBytes, lengthBytes) ? contents.view(offsetBytes, lengthBytes) : contents.bytes(offsetBytes, lengthBytes);
	}

	program(offsetBytes: number, bytes: Uint8Array): void {
		const { book } = this;
		if (book === null) return this.#program(offsetBytes, bytes);
		const asked = { kind: ASKED.program, at: offsetBytes, length: bytes.length, from: 0, unit: 0 };
		const isKnowable = this.#isKnowable() && this.contents.isInOnePage(offsetBytes, bytes.length);
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
		if (book === null) return this.#advance(from, to);
		const asked = { kind: ASKED.counter, at: to, length: 0, from: 0, unit: 0 };
		if (this.#pass(book, { known: book.find(asked), operations: 1 })) return;
		book.open();
		this.#advance(from, to);
		book.keep(asked);
	}

	/** What an operation may change, tears included: for `restore` of the contents. */
	save(operation: Operation): SavedPlaces {
		if (operation.kind === 'counter') return this.contents.save(null);
		return this.contents.save({ offsetBytes: operation.offsetBytes, lengthBytes: operation.kind === 'erase' ? operation.lengthBytes : operation.bytes.length });
	}

	/** Some unit there cannot be read, or not twice alike. */
	isInError(area: FlashArea): boolean {
		return this.contents.markSet !== 0 && this.#marksIn(area).some(({ kind }) => kind !== 'spent');
	}

	/** Some unit there reads as erased and takes no program. */
	isSpent(area: FlashArea): boolean {
		return this.contents.markSet !== 0 && this.#marksIn(area).some(({ kind }) => kind === 'spent');
	}

	/** On a part that is written once: units there that read as erased have had their program. */
	spend(offsetBytes: number, lengthBytes: number): void {
		const { contents, marks } = this;
		for (let done = 0; done < lengthBytes; ) {
			const at = offsetBytes + done;
			const partBytes = Math.min(contents.toPageEnd(at), lengthBytes - done);
			for (const run of this.#blankRuns.of({ ...contents.placeOf(at), lengthBytes: partBytes }, () => contents.view(at, partBytes))) {
				contents.setMarks(marks.withSpent(contents.markSet, { offsetBytes: at + run.atBytes, lengthBytes: run.lengthBytes }));
			}
			done += partBytes;
		}
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
		if (this.geometry.writeOnce) this.spend(offsetBytes, bytes.length);
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
			this.#program(toBytes, this.read(fromBytes, lengthBytes));
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
		if (book === null) return this.#eraseOne(sector);
		const asked = { kind: ASKED.erase, at: sector.offsetBytes, length: sector.sizeBytes, from: 0, unit: 0 };
		if (this.#pass(book, { known: book.find(asked), operations: 1 })) return;
		book.open();
		this.#eraseOne(sector);
		book.keep(asked);
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

	/** False where it is not known, or one too many. */
	#pass(book: OperationBook, what: { readonly known: number; readonly operations: number }): boolean {
		if (what.known < 0 || this.#operations + what.operations > this.#mostOperations) return false;
		this.#operations += what.operations;
		book.pass(what.known);
		return true;
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
		if (this.contents.markSet !== 0) this.#assertReadable(offsetBytes, lengthBytes);
		if (writeOnce && (this.isSpent({ offsetBytes, sizeBytes: lengthBytes }) || !this.isErased(offsetBytes, lengthBytes))) {
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

	#readMarked(offsetBytes: number, lengthBytes: number): Uint8Array {
		this.#assertReadable(offsetBytes, lengthBytes);
		const bytes = this.contents.bytes(offsetBytes, lengthBytes);
		for (const mark of this.marks.marks(this.contents.markSet)) {
			if (mark.kind !== 'weak') continue;
			const end = Math.min(mark.offsetBytes + mark.lengthBytes, offsetBytes + lengthBytes);
			for (let at = Math.max(mark.offsetBytes, offsetBytes); at < end; at++) {
				if (coin(this.readSeed, Math.imul(at, 0x9e3779b1) ^ this.#reads)) bytes[at - offsetBytes] = this.geometry.erasedByte;
			}
		}
		return bytes;
	}

	#marksIn({ offsetBytes, sizeBytes }: FlashArea): readonly Mark[] {
		const marks = this.marks.marks(this.contents.markSet);
		return marks.filter((mark) => mark.offsetBytes < offsetBytes + sizeBytes && mark.offsetBytes + mark.lengthBytes > offsetBytes);
	}

	#assertReadable(offsetBytes: number, lengthBytes: number): void {
		for (const mark of this.marks.marks(this.contents.markSet)) {
			if (mark.kind !== 'unreadable' || mark.offsetBytes >= offsetBytes + lengthBytes || mark.offsetBytes + mark.lengthBytes <= offsetBytes) continue;
			throw new FlashError('unreadable', {
				message: `readable flash was expected, ${mark.lengthBytes} bytes at ${mark.offsetBytes} are torn`,
				offsetBytes: mark.offsetBytes,
			});
		}
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
		if (this.isInError({ offsetBytes, sizeBytes: lengthBytes })) return false;
		for (let done = 0; done < lengthBytes; ) {
			const at = offsetBytes + done;
			const sector = contents.sectorOf(at);
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

const coin = (seed: number, what: number): boolean => {
	let hash = Math.imul(seed ^ what, 0x85ebca6b);
	hash ^= hash >>> 15;
	return (Math.imul(hash, 0x2c1b3c6d) & 0x1_0000) !== 0;
};
