import { tearErase, tearProgram } from '../flash/index.js';
import { createRandom } from '../time/index.js';
import { TupleMap } from './tuple-map.js';
import type { Operation } from './flash-watchers.js';
import type { WalkFlash } from './walk-flash.js';

/**
 * How far the ladder of tears is climbed. L0: power goes between operations; L1: prefix and half of a write, half of an
 * erase; L2: subsets of bits; L3: words and sectors unreadable until erased; L4: disturbed neighbours and weak bits.
 * Each level has all of those below it.
 */
export type TearLevel = 'L0' | 'L1' | 'L2' | 'L3' | 'L4';

export const TEAR_LEVELS: readonly TearLevel[] = ['L0', 'L1', 'L2', 'L3', 'L4'];

/** How power leaves the operation it hits, mildest first; `after`: done. */
export const CUT_TEARS = ['after', 'half', 'prefix', 'bits', 'unreadable', 'disturbed', 'weak'] as const;
export type CutTear = (typeof CUT_TEARS)[number];

export interface Tear {
	readonly tear: CutTear;
	readonly seed: number;
}

/** Which tears of an operation a level asks for, `after` aside. `seeds`: how many of each kind that is drawn. */
export const tearsOf = (kind: Operation['kind'], options: { readonly level: TearLevel; readonly seeds: number }): readonly Tear[] => {
	const height = TEAR_LEVELS.indexOf(options.level);
	return LADDER.filter((rung) => rung.level <= height && rung.of.includes(kind)).flatMap(({ tear, drawn }) =>
		Array.from({ length: drawn ? options.seeds : 1 }, (_, seed) => ({ tear, seed })),
	);
};

const LADDER: readonly { readonly level: number; readonly tear: CutTear; readonly of: readonly Operation['kind'][]; readonly drawn: boolean }[] = [
	{ level: 1, tear: 'half', of: ['program', 'erase', 'counter'], drawn: false },
	{ level: 1, tear: 'prefix', of: ['program'], drawn: false },
	{ level: 2, tear: 'prefix', of: ['erase'], drawn: false },
	{ level: 2, tear: 'bits', of: ['program', 'erase'], drawn: true },
	{ level: 3, tear: 'unreadable', of: ['program'], drawn: true },
	{ level: 3, tear: 'unreadable', of: ['erase'], drawn: false },
	{ level: 4, tear: 'disturbed', of: ['program'], drawn: true },
	{ level: 4, tear: 'weak', of: ['program'], drawn: false },
];

/** What a torn program leaves of its page, and how far it came. */
interface TornPage {
	readonly page: number;
	readonly begunBytes: number;
}

/** Changes the state in hand as power that goes in the middle of an operation does; remembers what it made of pages. */
export class TornOperations {
	readonly #flash: WalkFlash;
	/** Of torn erases: what the sector holds. */
	readonly #pages = new TupleMap();
	/** Of torn programs: an index of `#torn`. */
	readonly #programs = new TupleMap();
	readonly #torn: TornPage[] = [];

	constructor(flash: WalkFlash) {
		this.#flash = flash;
	}

	get sizeBytes(): number {
		return this.#pages.sizeBytes + this.#programs.sizeBytes;
	}

	apply(operation: Operation, torn: Tear): void {
		if (operation.kind === 'counter') this.#tearCounter(operation);
		else if (operation.kind === 'erase') this.#tearErase(operation, torn);
		else this.#tearProgram(operation, torn);
	}

	/** A counter of fuses that are blown one by one: half of them. */
	#tearCounter({ from, to }: Operation & { readonly kind: 'counter' }): void {
		this.#flash.contents.setCounter(from + ((to - from) >> 1));
	}

	#tearProgram({ offsetBytes, bytes }: Operation & { readonly kind: 'program' }, { tear, seed }: Tear): void {
		const { contents, geometry, marks } = this.#flash;
		const { writeSizeBytes, writeOnce } = geometry;
		if ((tear === 'half' || tear === 'prefix' || tear === 'bits') && contents.isInOnePage(offsetBytes, bytes.length)) {
			const place = contents.placeOf(offsetBytes);
			const after = contents.edits.program(place, bytes);
			let index = this.#programs.find([place.page, after, place.offsetBytes, bytes.length, CUT_TEARS.indexOf(tear) + 8 * seed]);
			if (index < 0) {
				const torn = tearProgram(contents.bytes(offsetBytes, bytes.length), { wanted: bytes, writeSizeBytes, tear, seed });
				index = this.#torn.push({ page: contents.edits.replace(place, torn.bytes), begunBytes: torn.begunBytes }) - 1;
				this.#programs.put(index);
			}
			const { page, begunBytes } = this.#torn[index] as TornPage;
			contents.setPageAt(offsetBytes, page);
			if (writeOnce) this.#flash.marked.spend(offsetBytes, begunBytes);
			return;
		}
		const asMode = tear === 'disturbed' || tear === 'weak' || tear === 'after' ? 'half' : tear;
		const torn = tearProgram(contents.bytes(offsetBytes, bytes.length), { wanted: bytes, writeSizeBytes, tear: asMode, seed });
		contents.overwrite(offsetBytes, torn.bytes);
		if (writeOnce) this.#flash.marked.spend(offsetBytes, torn.begunBytes);
		const unit = (atBytes: number) => ({ offsetBytes: offsetBytes + atBytes, lengthBytes: writeSizeBytes });
		if (torn.unreadableAt >= 0) contents.setMarks(marks.with(contents.markSet, { kind: 'unreadable', ...unit(torn.unreadableAt) }));
		if (tear === 'weak') contents.setMarks(marks.with(contents.markSet, { kind: 'weak', ...unit(Math.max(0, torn.begunBytes - writeSizeBytes)) }));
		if (tear === 'disturbed') this.#disturb(offsetBytes, seed);
	}

	#tearErase({ offsetBytes, lengthBytes }: Operation & { readonly kind: 'erase' }, { tear, seed }: Tear): void {
		const { contents, geometry, marks } = this.#flash;
		const mode = tear === 'disturbed' || tear === 'weak' ? 'half' : tear;
		const sector = contents.sectorOf(offsetBytes);
		const known = this.#pages.find([contents.held(sector), -1, sector.sizeBytes, 0, CUT_TEARS.indexOf(mode) + 8 * seed]);
		if (known >= 0) contents.hold(sector, known);
		else {
			contents.overwrite(offsetBytes, tearErase(contents.bytes(offsetBytes, lengthBytes), { erasedByte: geometry.erasedByte, tear: mode, seed }).bytes);
			this.#pages.put(contents.held(sector));
		}
		const without = marks.without(contents.markSet, { offsetBytes, lengthBytes });
		contents.setMarks(tear === 'unreadable' ? marks.with(without, { kind: 'unreadable', offsetBytes, lengthBytes }) : without);
		// Cells that an erase left half way take no program, blank as they may look.
		if (geometry.writeOnce && tear !== 'unreadable') this.#flash.marked.spend(offsetBytes, lengthBytes);
	}

	/** Some bits elsewhere in the sector leave the erased value with those that were meant to. */
	#disturb(offsetBytes: number, seed: number): void {
		const { contents, geometry } = this.#flash;
		const sector = contents.sectorOf(offsetBytes);
		const random = createRandom(`tear/disturbed/${seed}`);
		for (let bit = 0; bit < DISTURBED_BITS; bit++) {
			const at = sector.offsetBytes + random.integer(sector.sizeBytes);
			const [before = 0] = contents.bytes(at, 1);
			const mask = 1 << random.integer(8);
			contents.overwrite(at, Uint8Array.of(geometry.erasedByte === 0xff ? before & ~mask : before | mask));
		}
	}
}

/** As in the measurement of torn writes that disturb bits of their sector. */
const DISTURBED_BITS = 4;
