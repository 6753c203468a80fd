import { type Flash, type FlashArea, readWhole } from '../../../harness/flash/index.js';
import { isSpent } from './record-log.js';

/**
 * A growing set of numbers from 0 to 65534 in erased flash, one program a number. An entry is a number (2 bytes,
 * little-endian) and its complement, repeated to whole units: a program that power cuts short leaves bits erased, never
 * more programmed ones, so that a torn entry has a bit equal to its complement's and counts as nothing, for certain. It
 * is passed over; so is a unit in error.
 */
export class MarkLog {
	readonly #flash: Flash;
	readonly #area: FlashArea;
	readonly #entryBytes: number;
	readonly #marks = new Set<number>();
	/** Entry to be used next. */
	#next = 0;

	static sizeBytes(flash: Flash, marks: number): number {
		return marks * entrySizeBytes(flash);
	}

	constructor(flash: Flash, area: FlashArea) {
		this.#flash = flash;
		this.#area = area;
		this.#entryBytes = entrySizeBytes(flash);
		const entries = Math.min(this.#entries, Math.ceil(usedBytes(flash, area) / this.#entryBytes));
		const whole = entries === 0 ? null : readWhole(flash, { offsetBytes: area.offsetBytes, sizeBytes: entries * this.#entryBytes });
		for (let index = 0; index < entries; index++) {
			const at = index * this.#entryBytes;
			this.#note(index, whole ? whole.subarray(at, at + this.#entryBytes) : readWhole(flash, this.#entryArea(index)));
		}
	}

	has(mark: number): boolean {
		return this.#marks.has(mark);
	}

	/** False: fewer than `reserve` + 1 entries are left; the mark holds in memory alone. */
	add(mark: number, options: { readonly reserve: number }): boolean {
		this.#marks.add(mark);
		const bytes = encodeEntry(mark, this.#entryBytes);
		while (this.#next < this.#entries - options.reserve) {
			const { offsetBytes } = this.#entryArea(this.#next++);
			try {
				this.#flash.program(offsetBytes, bytes);
			} catch (error) {
				// Torn before a bit moved: it looks blank and takes no program.
				if (isSpent(error)) continue;
				throw error;
			}
			if (this.#flash.isHolding(offsetBytes, bytes)) return true;
		}
		return false;
	}

	/** Takes note of an entry of the area; null: it cannot be read. */
	#note(index: number, entry: Uint8Array | null): void {
		if (entry?.every((byte) => byte === this.#flash.geometry.erasedByte)) return;
		this.#next = index + 1;
		const mark = entry === null ? null : parseEntry(entry);
		if (mark !== null) this.#marks.add(mark);
	}

	get #entries(): number {
		return Math.floor(this.#area.sizeBytes / this.#entryBytes);
	}

	#entryArea(index: number): FlashArea {
		return { offsetBytes: this.#area.offsetBytes + index * this.#entryBytes, sizeBytes: this.#entryBytes };
	}
}

const PAIR_BYTES = 4;

const entrySizeBytes = (flash: Flash): number => Math.ceil(PAIR_BYTES / flash.geometry.writeSizeBytes) * flash.geometry.writeSizeBytes;

const encodeEntry = (mark: number, sizeBytes: number): Uint8Array => {
	const entry = new Uint8Array(sizeBytes);
	for (let index = 0; index < sizeBytes; index++) {
		const half = (index & 2) === 0 ? mark : ~mark;
		entry[index] = (index & 1) === 0 ? half : half >> 8;
	}
	return entry;
};

const parseEntry = (entry: Uint8Array): number | null => {
	const mark = (entry[0] as number) | ((entry[1] as number) << 8);
	return encodeEntry(mark, entry.length).every((byte, index) => byte === entry[index]) ? mark : null;
};

/** Up to the last part that is not blank: a log is read at every boot, and most of it is. */
const usedBytes = (flash: Flash, area: FlashArea): number => {
	let used = area.sizeBytes;
	while (used >= PART_BYTES && flash.isErased(area.offsetBytes + used - PART_BYTES, PART_BYTES)) used -= PART_BYTES;
	return used;
};

const PART_BYTES = 256;
