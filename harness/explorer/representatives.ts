import type { FlashContents } from './flash-contents.js';
import { grown } from './grown.js';
import type { Symmetry } from './subject.js';
import { TupleMap } from './tuple-map.js';

/** Interns a state as the one that stands for all that are alike, remembered by the pages that the likeness rests on. */
export class Representatives {
	readonly #flash: FlashContents;
	readonly #symmetry: Symmetry;
	readonly #offsets: readonly number[];
	/** To an index of `#pages`. */
	readonly #known = new TupleMap();
	readonly #pages: (readonly number[])[] = [];
	/** By state: one more than that which stands for it; 0: nobody has asked. */
	#standing = new Int32Array(1 << 10);
	/** States that another one stands for. */
	strangers = 0;

	constructor(flash: FlashContents, symmetry: Symmetry) {
		this.#flash = flash;
		this.#symmetry = symmetry;
		this.#offsets = symmetry.areas.map(({ offsetBytes }) => offsetBytes);
		if (symmetry.areas.length > 4 || symmetry.areas.some(({ offsetBytes, sizeBytes }) => !flash.isInOnePage(offsetBytes, sizeBytes))) {
			throw new RangeError('symmetry.areas: up to four, each inside one page, were expected');
		}
	}

	get sizeBytes(): number {
		return this.#standing.byteLength + this.#known.sizeBytes;
	}

	/** The vector in hand is what it was afterwards: whoever runs goes on with its own numbers. */
	intern(): number {
		const state = this.#flash.states.intern();
		while (state >= this.#standing.length) this.#standing = grown(this.#standing);
		const known = this.#standing[state] as number;
		if (known > 0) return known - 1;
		const alike = this.#find(state);
		this.#standing[state] = alike + 1;
		if (alike !== state) this.strangers++;
		return alike;
	}

	#find(state: number): number {
		const { states } = this.#flash;
		const [first = -1, second = -1, third = -1, fourth = -1] = this.#offsets;
		const pages = [this.#page(first), this.#page(second), this.#page(third), this.#page(fourth), 0] as const;
		let index = this.#known.find(pages);
		if (index < 0) {
			index = this.#pages.push(this.#represent()) - 1;
			this.#known.put(index);
		}
		const alike = this.#pages[index] as readonly number[];
		if (alike.every((page, place) => page === pages[place])) return state;
		this.#setAll(alike);
		const found = states.intern();
		states.load(state);
		return found;
	}

	#page(offsetBytes: number): number {
		return offsetBytes < 0 ? 0 : this.#flash.pageAt(offsetBytes);
	}

	#setAll(pages: readonly number[]): void {
		this.#offsets.forEach((offsetBytes, index) => {
			this.#flash.setPageAt(offsetBytes, pages[index] as number);
		});
	}

	#represent(): readonly number[] {
		const { areas, representative } = this.#symmetry;
		const parts = representative(areas.map(({ offsetBytes, sizeBytes }) => this.#flash.bytes(offsetBytes, sizeBytes)));
		return areas.map(({ offsetBytes }, index) => this.#flash.edits.replace(this.#flash.placeOf(offsetBytes), parts[index] as Uint8Array));
	}
}
