import { type Flash, type FlashArea, isHolding, readWhole } from '../../../harness/flash/index.js';
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
		const whole = readWhole(flash, area);
		for (let index = 0; index < this.#entries; index++) {
			const bytes = whole ?? readWhole(flash, this.#entryArea(index));
			this.#note(index, bytes && { bytes, at: whole ? index * this.#entryBytes : 0 });
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
			if (isHolding(this.#flash, { offsetBytes, bytes })) return true;
		}
		return false;
	}

	/** Takes note of what an entry of the area holds; null: it cannot be read. */
	#note(index: number, entry: Entry | null): void {
		if (entry !== null && isErased(entry, { sizeBytes: this.#entryBytes, erasedByte: this.#flash.geometry.erasedByte })) return;
		this.#next = index + 1;
		const mark = entry === null ? null : parseEntry(entry, this.#entryBytes);
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

const encodeEntry = (mark: number, sizeBytes: number): Uint8Array =>
	Uint8Array.from({ length: sizeBytes }, (_, index) => {
		const half = (index & 2) === 0 ? mark : ~mark;
		return ((index & 1) === 0 ? half : half >> 8) & 0xff;
	});

/** An entry as a part of what was read: a log holds hundreds, and is read at every boot. */
interface Entry {
	readonly bytes: Uint8Array;
	readonly at: number;
}

const isErased = ({ bytes, at }: Entry, { sizeBytes, erasedByte }: { readonly sizeBytes: number; readonly erasedByte: number }): boolean => {
	for (let index = at; index < at + sizeBytes; index++) if (bytes[index] !== erasedByte) return false;
	return true;
};

const parseEntry = ({ bytes, at }: Entry, sizeBytes: number): number | null => {
	const mark = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
	return encodeEntry(mark, sizeBytes).every((byte, index) => byte === bytes[at + index]) ? mark : null;
};
