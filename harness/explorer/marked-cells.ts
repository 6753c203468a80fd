import { type FlashArea, FlashError, type Geometry } from '../flash/index.js';
import { BlankRuns } from './blank-runs.js';
import type { FlashContents } from './flash-contents.js';
import type { Mark, MarkTable } from './mark-table.js';

/** The state in hand as its marks make it: what cannot be read, not twice alike, or takes no program. */
export class MarkedCells {
	readonly #contents: FlashContents;
	readonly #geometry: Geometry;
	readonly #marks: MarkTable;
	readonly #blankRuns: BlankRuns;

	constructor(options: { readonly contents: FlashContents; readonly geometry: Geometry; readonly marks: MarkTable }) {
		this.#contents = options.contents;
		this.#geometry = options.geometry;
		this.#marks = options.marks;
		this.#blankRuns = new BlankRuns(options.geometry);
	}

	/** Some unit there cannot be read, or not twice alike. */
	isInError(area: FlashArea): boolean {
		return this.#contents.markSet !== 0 && this.#in(area).some(({ kind }) => kind !== 'spent');
	}

	/** Some unit there reads as erased and takes no program. */
	isSpent(area: FlashArea): boolean {
		return this.#contents.markSet !== 0 && this.#in(area).some(({ kind }) => kind === 'spent');
	}

	/** A copy of what is there; `coin` says by offset whether a weak cell reads as erased. Throws FlashError `unreadable`. */
	read(offsetBytes: number, lengthBytes: number, coin: (atBytes: number) => boolean): Uint8Array {
		this.assertReadable(offsetBytes, lengthBytes);
		const bytes = this.#contents.bytes(offsetBytes, lengthBytes);
		for (const mark of this.#marks.marks(this.#contents.markSet)) {
			if (mark.kind !== 'weak') continue;
			const end = Math.min(mark.offsetBytes + mark.lengthBytes, offsetBytes + lengthBytes);
			for (let at = Math.max(mark.offsetBytes, offsetBytes); at < end; at++) if (coin(at)) bytes[at - offsetBytes] = this.#geometry.erasedByte;
		}
		return bytes;
	}

	assertReadable(offsetBytes: number, lengthBytes: number): void {
		for (const mark of this.#in({ offsetBytes, sizeBytes: lengthBytes })) {
			if (mark.kind !== 'unreadable') continue;
			throw new FlashError('unreadable', {
				message: `readable flash was expected, ${mark.lengthBytes} bytes at ${mark.offsetBytes} are torn`,
				offsetBytes: mark.offsetBytes,
			});
		}
	}

	/** On a part that is written once: units there that read as erased have had their program. */
	spend(offsetBytes: number, lengthBytes: number): void {
		const contents = this.#contents;
		for (let done = 0; done < lengthBytes; ) {
			const at = offsetBytes + done;
			const partBytes = Math.min(contents.toPageEnd(at), lengthBytes - done);
			for (const run of this.#blankRuns.of({ ...contents.placeOf(at), lengthBytes: partBytes }, () => contents.view(at, partBytes))) {
				contents.setMarks(this.#marks.withSpent(contents.markSet, { offsetBytes: at + run.atBytes, lengthBytes: run.lengthBytes }));
			}
			done += partBytes;
		}
	}

	#in({ offsetBytes, sizeBytes }: FlashArea): readonly Mark[] {
		const marks = this.#marks.marks(this.#contents.markSet);
		return marks.filter((mark) => mark.offsetBytes < offsetBytes + sizeBytes && mark.offsetBytes + mark.lengthBytes > offsetBytes);
	}
}

/** The coin of one read: `seed` decides how weak cells come out, `reads` counts the reads so far. */
export const coinOf =
	(seed: number, reads: number) =>
	(atBytes: number): boolean => {
		let hash = Math.imul(seed ^ Math.imul(atBytes, 0x9e3779b1) ^ reads, 0x85ebca6b);
		hash ^= hash >>> 15;
		return (Math.imul(hash, 0x2c1b3c6d) & 0x1_0000) !== 0;
	};
