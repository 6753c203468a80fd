import type { ImageVerdict } from '../bootloader/index.js';
import type { FlashArea } from '../flash/index.js';
import { PageTuples } from './page-tuples.js';
import type { Subject } from './subject.js';
import { TupleMap } from './tuple-map.js';
import type { WalkFlash } from './walk-flash.js';

/**
 * Which image lies where, by the numbers of what sectors hold: bytes are looked at once for each. What a bootloader makes of other
 * content is remembered by those numbers.
 */
export class ImageFinder {
	readonly #flash: WalkFlash;
	readonly #subject: Subject;
	readonly #isPart = new TupleMap();
	/** By image, where it may lie. */
	readonly #places: Map<number, ImagePlace>[];
	readonly #known = new Map<number, ImageVerdict>();
	readonly #areas: JudgedArea[] = [];

	constructor(flash: WalkFlash, subject: Subject) {
		this.#flash = flash;
		this.#subject = subject;
		this.#places = subject.images.map(() => new Map());
	}

	get sizeBytes(): number {
		return this.#areas.reduce((sum, { bytes, rows }) => sum + bytes.length + rows.sizeBytes, this.#isPart.sizeBytes);
	}

	/** The image whose bytes lie at an offset, whole and readable; -1: none. */
	at(offsetBytes: number): number {
		return this.#subject.images.findIndex((image, index) => {
			const area = { offsetBytes, sizeBytes: image.bytes.length };
			return offsetBytes + area.sizeBytes <= this.#flash.contents.sizeBytes && this.#isThere(index, offsetBytes) && !this.#flash.marked.isInError(area);
		});
	}

	/** What the bootloader's judge makes of an area. */
	verdict(area: FlashArea): ImageVerdict {
		const image = this.#subject.images.findIndex((each, index) => each.bytes.length <= area.sizeBytes && this.#isThere(index, area.offsetBytes));
		// An image is judged by its own bytes, whatever lies behind it.
		const judged = this.#judgedArea(area);
		if (image >= 0) {
			const known = this.#known.get(image) ?? this.#judge(judged);
			this.#known.set(image, known);
			return known;
		}
		const row = judged.rows.internPart(this.#flash.contents.states.hand, judged);
		const known = judged.verdicts[row] ?? this.#judge(judged);
		judged.verdicts[row] = known;
		return known;
	}

	#judgedArea({ offsetBytes, sizeBytes }: FlashArea): JudgedArea {
		const known = this.#areas.find((each) => each.offsetBytes === offsetBytes && each.sizeBytes === sizeBytes);
		if (known !== undefined) return known;
		const { contents } = this.#flash;
		const first = contents.sectorOf(offsetBytes).index;
		const end = contents.sectorOf(offsetBytes + sizeBytes - 1).index + 1;
		const held = new Int32Array(end).fill(-1);
		const area = { offsetBytes, sizeBytes, first, end, bytes: new Uint8Array(sizeBytes), held, rows: new PageTuples(), verdicts: [] };
		this.#areas.push(area);
		return area;
	}

	/** In one piece of memory for each area: what is judged now differs from what was judged last in a few sectors. */
	#judge({ offsetBytes, sizeBytes, bytes, held }: JudgedArea): ImageVerdict {
		const { contents } = this.#flash;
		for (let done = 0; done < sizeBytes; ) {
			const at = offsetBytes + done;
			const sector = contents.sectorOf(at);
			const partBytes = Math.min(sector.offsetBytes + sector.sizeBytes - at, sizeBytes - done);
			const content = contents.held(sector);
			if (held[sector.index] !== content) {
				bytes.set(contents.bytes(at, partBytes), done);
				held[sector.index] = content;
			}
			done += partBytes;
		}
		return this.#subject.judge(bytes);
	}

	#placeOf(image: number, offsetBytes: number): ImagePlace {
		const places = this.#places[image] as Map<number, ImagePlace>;
		const known = places.get(offsetBytes);
		if (known !== undefined) return known;
		const { contents } = this.#flash;
		const { length } = this.#bytesOf(image);
		const first = contents.sectorOf(offsetBytes).index;
		const count = contents.sectorOf(offsetBytes + length - 1).index + 1 - first;
		const place = { first, there: new Int32Array(count).fill(-1), away: new Int32Array(count).fill(-1) };
		places.set(offsetBytes, place);
		return place;
	}

	/** Sector by sector, from what was there the last time on. */
	#isThere(image: number, offsetBytes: number): boolean {
		const { hand } = this.#flash.contents.states;
		const { first, there, away } = this.#placeOf(image, offsetBytes);
		for (let index = 0; index < there.length; index++) {
			const content = hand[first + index] as number;
			if (there[index] === content) continue;
			if (away[index] === content) return false;
			const isThere = this.#isPartOf(image, { offsetBytes, sector: first + index });
			(isThere ? there : away)[index] = content;
			if (!isThere) return false;
		}
		return true;
	}

	#isPartOf(image: number, place: { readonly offsetBytes: number; readonly sector: number }): boolean {
		const { contents } = this.#flash;
		const sector = contents.sector(place.sector);
		const at = Math.max(place.offsetBytes, sector.offsetBytes);
		const done = at - place.offsetBytes;
		const partBytes = Math.min(sector.offsetBytes + sector.sizeBytes - at, this.#bytesOf(image).length - done);
		let isThere = this.#isPart.find([image, done, contents.held(sector), at - sector.offsetBytes, partBytes]);
		if (isThere < 0) {
			isThere = this.#isPartThere(image, { at, done, partBytes }) ? 1 : 0;
			this.#isPart.put(isThere);
		}
		return isThere === 1;
	}

	/** Page by page: most of what differs does so in the first one. */
	#isPartThere(image: number, part: { readonly at: number; readonly done: number; readonly partBytes: number }): boolean {
		const { contents } = this.#flash;
		const wanted = this.#bytesOf(image);
		for (let at = 0; at < part.partBytes; ) {
			const size = Math.min(contents.toPageEnd(part.at + at), part.partBytes - at);
			const from = part.done + at;
			if (Buffer.compare(wanted.subarray(from, from + size), contents.view(part.at + at, size)) !== 0) return false;
			at += size;
		}
		return true;
	}

	#bytesOf(image: number): Uint8Array {
		return (this.#subject.images[image] as Subject['images'][number]).bytes;
	}
}

/** Where an image may lie: by sector, from the first one on, what held its part of the image, and what did not, when it was looked at last. */
interface ImagePlace {
	readonly first: number;
	readonly there: Int32Array;
	readonly away: Int32Array;
}

/** An area that a bootloader has had judged: its sectors, its bytes as they were judged last, and the verdicts on all that it held. */
interface JudgedArea extends FlashArea {
	readonly first: number;
	readonly end: number;
	readonly bytes: Uint8Array;
	/** By sector. */
	readonly held: Int32Array;
	readonly rows: PageTuples;
	/** By row of what its sectors hold. */
	readonly verdicts: ImageVerdict[];
}
