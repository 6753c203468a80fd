import type { TearMode } from '../faults/index.js';
import { type ArmedCut, ArmedFaults, type FiredFlashFault } from './armed-faults.js';
import { FlashError, PowerLoss } from './flash-error.js';
import type { FlashPort, FlashSpan } from './flash-port.js';
import { assertGeometry, type Geometry, geometrySizeBytes, isWholeSectors, type Sector, sectorAt, sectorCount } from './geometry.js';
import { OperationRing, type RecentOperation } from './operation-ring.js';
import type { PageStore } from './page-store.js';
import { type ByteRange, PagedBytes } from './paged-bytes.js';
import { tearErase, tearProgram, weakenProgram } from './tear.js';
import { SpentUnits } from './spent-units.js';

/** An operation as a journal keeps it; `bytes` are what was asked for, also where power or supply spoiled it. */
export type FlashOperation =
	| { readonly sequence: number; readonly kind: 'program'; readonly offsetBytes: number; readonly bytes: Uint8Array }
	| { readonly sequence: number; readonly kind: 'erase'; readonly offsetBytes: number; readonly lengthBytes: number };

export interface FlashOptions {
	readonly geometry: Geometry;
	readonly store: PageStore;
	/** Called when an armed fault takes effect, before the operation throws or returns. */
	readonly onFired?: (fault: FiredFlashFault) => void;
}

/** All of a part's state but what is armed; it holds its pages for as long as their store lives. */
export interface FlashSnapshot {
	readonly pages: Int32Array;
	readonly wear: Uint32Array;
	readonly spent: Uint8Array | null;
	readonly unreadable: readonly ByteRange[];
	readonly operations: number;
	readonly recent: Uint32Array;
}

/**
 * One simulated flash part, in memory. A call of `program` is one operation whatever its length; `erase` is one
 * operation a sector. Once a cut has fired, or after `powerOff`, everything throws PowerLoss until `powerOn`.
 */
export class Flash implements FlashPort {
	readonly geometry: Geometry;
	readonly sizeBytes: number;
	readonly #faults: ArmedFaults;
	readonly #bytes: PagedBytes;
	readonly #wear: Uint32Array;
	#mostErases = 0;
	readonly #spent: SpentUnits;
	#unreadable: readonly ByteRange[] = [];
	#operations = 0;
	#powered = true;
	#journal: FlashOperation[] | null = null;
	readonly #recent = new OperationRing();

	constructor(options: FlashOptions) {
		assertGeometry(options.geometry, options.store.pageSizeBytes);
		this.geometry = options.geometry;
		this.sizeBytes = geometrySizeBytes(options.geometry);
		this.#faults = new ArmedFaults(options.onFired);
		this.#bytes = new PagedBytes({ store: options.store, sizeBytes: this.sizeBytes, erasedByte: options.geometry.erasedByte });
		this.#wear = new Uint32Array(sectorCount(options.geometry));
		this.#spent = new SpentUnits(options.geometry);
	}

	/** Programs and erases so far, those that power cut short included. */
	get operations(): number {
		return this.#operations;
	}

	/** The last operations, oldest first. */
	get recent(): readonly RecentOperation[] {
		return this.#recent.list(this.#operations);
	}

	/** Armed faults that took effect, oldest first, since the part was made or restored. */
	get fired(): readonly FiredFlashFault[] {
		return this.#faults.fired;
	}

	get isPowered(): boolean {
		return this.#powered;
	}

	/** Erases the sector has seen. */
	wear(sectorIndex: number): number {
		const cycles = this.#wear[sectorIndex];
		if (cycles === undefined) throw new RangeError(`sectorIndex: below ${this.#wear.length} was expected, got ${sectorIndex}`);
		return cycles;
	}

	/** Of the sector that was erased most often. */
	get mostErases(): number {
		return this.#mostErases;
	}

	/** A copy of the bytes. Throws FlashError `out-of-range`, or `unreadable` where a unit in the range was torn into an error. */
	read(offsetBytes: number, lengthBytes: number): Uint8Array {
		this.#assertPower();
		this.#assertRange(offsetBytes, lengthBytes);
		this.#assertReadable(offsetBytes, lengthBytes);
		return this.#bytes.copy({ offsetBytes, lengthBytes });
	}

	/** True where the range reads as `bytes`, without a copy of it; false where a unit in it is in error. Throws as `read` otherwise. */
	isHolding(offsetBytes: number, bytes: Uint8Array): boolean {
		this.#assertPower();
		this.#assertRange(offsetBytes, bytes.length);
		return this.#unreadableIn(offsetBytes, bytes.length).length === 0 && this.#bytes.isEqual(offsetBytes, bytes);
	}

	/** True where every byte of the range reads as erased; false where a unit in it is in error. Throws as `read` otherwise. */
	isErased(offsetBytes: number, lengthBytes: number): boolean {
		this.#assertPower();
		this.#assertRange(offsetBytes, lengthBytes);
		if (this.#unreadableIn(offsetBytes, lengthBytes).length > 0) return false;
		let erased = true;
		this.#bytes.eachWritten({ offsetBytes, lengthBytes }, (bytes) => {
			erased &&= bytes.every((byte) => byte === this.geometry.erasedByte);
		});
		return erased;
	}

	/**
	 * Programs whole units; bits only move away from erased. Throws FlashError without effect on misuse, and PowerLoss at
	 * an armed cut.
	 */
	program(offsetBytes: number, bytes: Uint8Array): void {
		this.#assertPower();
		this.#assertProgram(offsetBytes, bytes);
		const operation = this.#operations++;
		this.#journal?.push({ sequence: operation, kind: 'program', offsetBytes, bytes: bytes.slice() });
		this.#recent.note({ operation, kind: 'program', offsetBytes, lengthBytes: bytes.length });
		const cut = this.#faults.cutAt(operation);
		if (cut !== null) this.#cutProgram({ cut, offsetBytes, bytes });
		const sagSeed = this.#faults.sagAt(operation);
		if (sagSeed !== null) this.#sag({ operation, seed: sagSeed, offsetBytes, bytes });
		else this.#bytes.overwrite(offsetBytes, bytes);
		this.#spent.note(offsetBytes, { bytes });
	}

	/** Programs what lies elsewhere in the part; throws as `read` and `program` do. */
	copy({ fromBytes, toBytes, lengthBytes, unitBytes = lengthBytes }: FlashSpan): void {
		for (let done = 0; done < lengthBytes; done += unitBytes) {
			this.program(toBytes + done, this.read(fromBytes + done, Math.min(unitBytes, lengthBytes - done)));
		}
	}

	/** Erases whole sectors, from the lowest up. Throws FlashError on misuse and at `enduranceCycles`, PowerLoss at an armed cut. */
	erase(offsetBytes: number, lengthBytes: number): void {
		this.#assertPower();
		this.#assertRange(offsetBytes, lengthBytes);
		if (!isWholeSectors(this.geometry, { offsetBytes, lengthBytes })) {
			throw new FlashError('misaligned', { message: `erase: whole sectors were expected, got ${lengthBytes} bytes at ${offsetBytes}`, offsetBytes });
		}
		for (let at = offsetBytes; at < offsetBytes + lengthBytes; ) {
			const sector = sectorAt(this.geometry, at);
			this.#eraseSector(sector);
			at += sector.sizeBytes;
		}
	}

	/**
	 * A key of what lies in a range, without reading it: for ranges that begin alike in their page, of parts in one store,
	 * keys are equal exactly when the bytes and the units in error are. A key stands for its bytes for good; that equal
	 * bytes have one key holds while some part or snapshot holds them. Never throws `unreadable`.
	 */
	contentKey(offsetBytes: number, lengthBytes: number): string {
		this.#assertPower();
		this.#assertRange(offsetBytes, lengthBytes);
		let key = `${lengthBytes} ${this.#bytes.key({ offsetBytes, lengthBytes })}`;
		for (const range of this.#unreadableIn(offsetBytes, lengthBytes)) {
			const start = Math.max(range.offsetBytes, offsetBytes);
			key += `!${start - offsetBytes}+${Math.min(range.offsetBytes + range.lengthBytes, offsetBytes + lengthBytes) - start}`;
		}
		return key;
	}

	/** Arms a power loss at an operation counted from now, from 0; replaces one armed before. */
	armCut(cut: { readonly operation: number; readonly tear: TearMode; readonly tearSeed?: number }): void {
		assertCount('operation', cut.operation);
		this.#faults.armCut({ operation: this.#operations + cut.operation, tear: cut.tear, seed: cut.tearSeed ?? 0 });
	}

	/** Arms a sagging supply: the first program from that operation on that changes anything leaves wrong bits and reports success. */
	armBrownOut(operation: number, seed: number): void {
		assertCount('operation', operation);
		this.#faults.armBrownOut(this.#operations + operation, seed);
	}

	/** Forgets faults that are armed and have not fired. */
	disarm(): void {
		this.#faults.disarm();
	}

	powerOff(): void {
		this.#powered = false;
	}

	powerOn(): void {
		this.#powered = true;
	}

	snapshot(): FlashSnapshot {
		return {
			pages: this.#bytes.snapshot(),
			wear: this.#wear.slice(),
			spent: this.#spent.snapshot(),
			unreadable: this.#unreadable,
			operations: this.#operations,
			recent: this.#recent.snapshot(),
		};
	}

	/** Goes back to a snapshot of this part or of one with the same geometry and store: powered, nothing armed, no evidence. */
	restore(snapshot: FlashSnapshot): void {
		if (snapshot.wear.length !== this.#wear.length) {
			throw new RangeError(`snapshot: one of a part with ${this.#wear.length} sectors was expected, got ${snapshot.wear.length}`);
		}
		this.#bytes.restore(snapshot.pages);
		this.#wear.set(snapshot.wear);
		this.#mostErases = this.#wear.reduce((most, cycles) => Math.max(most, cycles), 0);
		this.#spent.restore(snapshot.spent);
		this.#unreadable = snapshot.unreadable;
		this.#operations = snapshot.operations;
		this.#recent.restore(snapshot.recent);
		this.#faults.forget();
		this.powerOn();
	}

	/** Begins to keep every operation. */
	startJournal(): void {
		this.#journal = [];
	}

	/** Ends the journal and gives what it holds, in order. */
	stopJournal(): readonly FlashOperation[] {
		if (this.#journal === null) throw new TypeError('stopJournal: a journal that was started was expected, got none');
		const journal = this.#journal;
		this.#journal = null;
		return journal;
	}

	#eraseSector(sector: Sector): void {
		const { index, offsetBytes, sizeBytes } = sector;
		const { enduranceCycles, erasedByte } = this.geometry;
		const cycles = this.#wear[index] as number;
		if (enduranceCycles !== undefined && cycles >= enduranceCycles) {
			throw new FlashError('worn', { message: `erase: sector ${index} was expected to bear ${enduranceCycles} erases, this would be one more`, offsetBytes });
		}
		const operation = this.#operations++;
		this.#journal?.push({ sequence: operation, kind: 'erase', offsetBytes, lengthBytes: sizeBytes });
		this.#recent.note({ operation, kind: 'erase', offsetBytes, lengthBytes: sizeBytes });
		const cut = this.#faults.cutAt(operation);
		if (cut?.tear !== 'before') {
			this.#wear[index] = cycles + 1;
			this.#mostErases = Math.max(this.#mostErases, cycles + 1);
			this.#unreadable = this.#unreadable.filter((range) => range.offsetBytes < offsetBytes || range.offsetBytes >= offsetBytes + sizeBytes);
			this.#spent.clear(offsetBytes, sizeBytes);
		}
		if (cut === null) {
			this.#bytes.blank({ offsetBytes, lengthBytes: sizeBytes });
			return;
		}
		if (cut.tear !== 'before') {
			const torn = tearErase(this.#bytes.copy({ offsetBytes, lengthBytes: sizeBytes }), { erasedByte, tear: cut.tear, seed: cut.seed });
			this.#bytes.overwrite(offsetBytes, torn.bytes);
			if (torn.unreadable) this.#unreadable = [...this.#unreadable, { offsetBytes, lengthBytes: sizeBytes }];
			// Cells that an erase left half way take no program, blank as they may look.
			if (cut.tear !== 'after') this.#spent.mark(offsetBytes, sizeBytes);
		}
		this.#losePower({ operation, kind: 'erase', offsetBytes, lengthBytes: sizeBytes, tear: cut.tear });
	}

	#cutProgram(options: { readonly cut: ArmedCut; readonly offsetBytes: number; readonly bytes: Uint8Array }): never {
		const { cut, offsetBytes, bytes } = options;
		const { writeSizeBytes } = this.geometry;
		const torn = tearProgram(this.#bytes.copy({ offsetBytes, lengthBytes: bytes.length }), { wanted: bytes, writeSizeBytes, tear: cut.tear, seed: cut.seed });
		this.#bytes.overwrite(offsetBytes, torn.bytes);
		this.#spent.mark(offsetBytes, torn.begunBytes);
		if (torn.unreadableAt >= 0) this.#unreadable = [...this.#unreadable, { offsetBytes: offsetBytes + torn.unreadableAt, lengthBytes: writeSizeBytes }];
		return this.#losePower({ operation: cut.operation, kind: 'program', offsetBytes, lengthBytes: bytes.length, tear: cut.tear });
	}

	#sag(options: { readonly operation: number; readonly seed: number; readonly offsetBytes: number; readonly bytes: Uint8Array }): void {
		const { operation, seed, offsetBytes, bytes } = options;
		const before = this.#bytes.copy({ offsetBytes, lengthBytes: bytes.length });
		const left = weakenProgram(before, { wanted: bytes, seed });
		this.#bytes.overwrite(offsetBytes, left);
		if (bytes.every((byte, index) => byte === before[index])) return;
		this.#faults.fire({ operation, kind: 'program', offsetBytes, lengthBytes: bytes.length, tear: 'brown-out' });
	}

	#losePower(fault: FiredFlashFault): never {
		this.powerOff();
		this.#faults.fire(fault);
		throw new PowerLoss(
			fault.operation,
			`power was lost at operation ${fault.operation}: ${fault.kind} of ${fault.lengthBytes} bytes at ${fault.offsetBytes}, ${fault.tear}`,
		);
	}

	#assertPower(): void {
		if (!this.#powered)
			throw new PowerLoss(this.#operations, `flash with power was expected, it was lost by operation ${this.#operations} and powerOn() not called since`);
	}

	#assertRange(offsetBytes: number, lengthBytes: number): void {
		const isInside =
			Number.isSafeInteger(offsetBytes) &&
			Number.isSafeInteger(lengthBytes) &&
			offsetBytes >= 0 &&
			lengthBytes > 0 &&
			offsetBytes + lengthBytes <= this.sizeBytes;
		if (isInside) return;
		throw new FlashError('out-of-range', { message: `1 to ${this.sizeBytes} bytes of flash were expected, got ${lengthBytes} at ${offsetBytes}`, offsetBytes });
	}

	#assertReadable(offsetBytes: number, lengthBytes: number): void {
		const range = this.#unreadableIn(offsetBytes, lengthBytes)[0];
		if (range === undefined) return;
		throw new FlashError('unreadable', {
			message: `readable flash was expected, ${range.lengthBytes} bytes at ${range.offsetBytes} are torn`,
			offsetBytes: range.offsetBytes,
		});
	}

	#unreadableIn(offsetBytes: number, lengthBytes: number): readonly ByteRange[] {
		if (this.#unreadable.length === 0) return this.#unreadable;
		return this.#unreadable
			.filter((range) => range.offsetBytes < offsetBytes + lengthBytes && range.offsetBytes + range.lengthBytes > offsetBytes)
			.sort((left, right) => left.offsetBytes - right.offsetBytes);
	}

	#assertProgram(offsetBytes: number, bytes: Uint8Array): void {
		this.#assertRange(offsetBytes, bytes.length);
		const { writeSizeBytes, erasedByte, writeOnce } = this.geometry;
		if (offsetBytes % writeSizeBytes !== 0 || bytes.length % writeSizeBytes !== 0) {
			throw new FlashError('misaligned', {
				message: `program: units of ${writeSizeBytes} bytes were expected, got ${bytes.length} bytes at ${offsetBytes}`,
				offsetBytes,
			});
		}
		this.#assertReadable(offsetBytes, bytes.length);
		const spent = writeOnce ? this.#spent.firstIn(offsetBytes, bytes.length) : -1;
		if (spent >= 0) throw new FlashError('write-once', { message: `program: a unit not yet programmed was expected at ${spent}`, offsetBytes: spent });
		this.#bytes.eachWritten({ offsetBytes, lengthBytes: bytes.length }, (old, inRangeBytes) => {
			for (let index = 0; index < old.length; index++) {
				const was = (old[index] as number) ^ erasedByte;
				const wanted = (bytes[inRangeBytes + index] as number) ^ erasedByte;
				const at = offsetBytes + inRangeBytes + index;
				if (writeOnce && was !== 0)
					throw new FlashError('write-once', { message: `program: a unit not yet programmed was expected at ${at}`, offsetBytes: at });
				if ((was & ~wanted) !== 0)
					throw new FlashError('not-erased', { message: `program: bits that only move away from erased were expected at ${at}`, offsetBytes: at });
			}
		});
	}
}

const assertCount = (name: string, value: number): void => {
	if (!(Number.isSafeInteger(value) && value >= 0)) throw new RangeError(`${name}: a whole number from 0 on was expected, got ${value}`);
};
