import type { ImageVerdict } from '../bootloader/index.js';
import type { FlashArea } from '../flash/index.js';
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
	readonly #verdicts = new Map<string, ImageVerdict>();
	readonly #known = new Map<number, ImageVerdict>();
	readonly #copies = new Map<string, { readonly bytes: Uint8Array; readonly held: number[] }>();

	constructor(flash: WalkFlash, subject: Subject) {
		this.#flash = flash;
		this.#subject = subject;
	}

	/** Verdicts of content that is no image aside. */
	get sizeBytes(): number {
		return this.#isPart.sizeBytes;
	}

	/** The image whose bytes lie at an offset, whole and readable; -1: none. */
	at(offsetBytes: number): number {
		return this.#subject.images.findIndex((image, index) => {
			const area = { offsetBytes, sizeBytes: image.bytes.length };
			return offsetBytes + area.sizeBytes <= this.#flash.contents.sizeBytes && this.#isThere(index, offsetBytes) && !this.#flash.isInError(area);
		});
	}

	/** What the bootloader's judge makes of an area. */
	verdict(area: FlashArea): ImageVerdict {
		const image = this.#subject.images.findIndex((each, index) => each.bytes.length <= area.sizeBytes && this.#isThere(index, area.offsetBytes));
		// An image is judged by its own bytes, whatever lies behind it.
		if (image >= 0) return this.#remember(this.#known, image, () => this.#judge(area));
		return this.#remember(this.#verdicts, this.#contentKey(area), () => this.#judge(area));
	}

	/** In one piece of memory for each area: what is judged now differs from what was judged last in a few sectors. */
	#judge({ offsetBytes, sizeBytes }: FlashArea): ImageVerdict {
		const { contents } = this.#flash;
		const key = `${offsetBytes} ${sizeBytes}`;
		let copy = this.#copies.get(key);
		if (copy === undefined) {
			copy = { bytes: new Uint8Array(sizeBytes), held: [] };
			this.#copies.set(key, copy);
		}
		for (let done = 0; done < sizeBytes; ) {
			const at = offsetBytes + done;
			const sector = contents.sectorOf(at);
			const partBytes = Math.min(sector.offsetBytes + sector.sizeBytes - at, sizeBytes - done);
			const held = contents.held(sector);
			if (copy.held[sector.index] !== held) {
				copy.bytes.set(contents.bytes(at, partBytes), done);
				copy.held[sector.index] = held;
			}
			done += partBytes;
		}
		return this.#subject.judge(copy.bytes);
	}

	#remember<Key>(verdicts: Map<Key, ImageVerdict>, key: Key, judge: () => ImageVerdict): ImageVerdict {
		let verdict = verdicts.get(key);
		if (verdict === undefined) {
			verdict = judge();
			verdicts.set(key, verdict);
		}
		return verdict;
	}

	#contentKey({ offsetBytes, sizeBytes }: FlashArea): string {
		const { contents } = this.#flash;
		const first = contents.sectorOf(offsetBytes);
		let key = `${offsetBytes - first.offsetBytes} ${sizeBytes}`;
		for (let at = first.offsetBytes; at < offsetBytes + sizeBytes; ) {
			const sector = contents.sectorOf(at);
			key += ` ${contents.held(sector)}`;
			at += sector.sizeBytes;
		}
		return key;
	}

	#isThere(image: number, offsetBytes: number): boolean {
		const { contents } = this.#flash;
		const { length } = this.#bytesOf(image);
		for (let done = 0; done < length; ) {
			const at = offsetBytes + done;
			const sector = contents.sectorOf(at);
			const partBytes = Math.min(sector.offsetBytes + sector.sizeBytes - at, length - done);
			let isThere = this.#isPart.find([image, done, contents.held(sector), at - sector.offsetBytes, partBytes]);
			if (isThere < 0) {
				isThere = this.#isPartThere(image, { at, done, partBytes }) ? 1 : 0;
				this.#isPart.put(isThere);
			}
			if (isThere === 0) return false;
			done += partBytes;
		}
		return true;
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
