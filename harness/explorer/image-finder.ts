import type { ImageVerdict } from '../bootloader/index.js';
import type { FlashArea } from '../flash/index.js';
import type { Subject } from './subject.js';
import { TupleMap } from './tuple-map.js';
import type { WalkFlash } from './walk-flash.js';

/**
 * Which image lies where, by the numbers of pages: bytes are looked at once for each page that an image ends in. What a
 * bootloader makes of other content is remembered by its pages.
 */
export class ImageFinder {
	readonly #flash: WalkFlash;
	readonly #subject: Subject;
	readonly #isPart = new TupleMap();
	readonly #verdicts = new Map<string, ImageVerdict>();
	readonly #known = new Map<number, ImageVerdict>();

	constructor(flash: WalkFlash, subject: Subject) {
		this.#flash = flash;
		this.#subject = subject;
	}

	/** The image whose bytes lie at an offset, whole and readable; -1: none. */
	at(offsetBytes: number): number {
		return this.#subject.images.findIndex((image, index) => {
			const area = { offsetBytes, sizeBytes: image.bytes.length };
			return offsetBytes + area.sizeBytes <= this.#flash.sizeBytes && this.#isThere(index, offsetBytes) && !this.#flash.isInError(area);
		});
	}

	/** What the bootloader's judge makes of an area. */
	verdict(area: FlashArea): ImageVerdict {
		const image = this.#subject.images.findIndex((each, index) => each.bytes.length <= area.sizeBytes && this.#isThere(index, area.offsetBytes));
		// An image is judged by its own bytes, whatever lies behind it.
		if (image >= 0) return this.#remember(this.#known, image, () => this.#judge(area));
		return this.#remember(this.#verdicts, this.#contentKey(area), () => this.#judge(area));
	}

	#judge({ offsetBytes, sizeBytes }: FlashArea): ImageVerdict {
		return this.#subject.judge(this.#flash.bytes(offsetBytes, sizeBytes));
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
		const { pageSizeBytes } = this.#flash.store;
		let key = `${offsetBytes % pageSizeBytes} ${sizeBytes}`;
		for (let at = offsetBytes; at < offsetBytes + sizeBytes; at += pageSizeBytes - (at % pageSizeBytes)) key += ` ${this.#flash.pageAt(at)}`;
		return key;
	}

	#isThere(image: number, offsetBytes: number): boolean {
		const { length } = (this.#subject.images[image] as Subject['images'][number]).bytes;
		const { pageSizeBytes } = this.#flash.store;
		for (let done = 0; done < length; ) {
			const at = offsetBytes + done;
			const partBytes = Math.min(pageSizeBytes - (at % pageSizeBytes), length - done);
			if (!this.#isPartThere(image, { at, done, partBytes })) return false;
			done += partBytes;
		}
		return true;
	}

	#isPartThere(image: number, part: { readonly at: number; readonly done: number; readonly partBytes: number }): boolean {
		const place = this.#flash.placeOf(part.at);
		const known = this.#isPart.find([image, part.done, place.page, place.offsetBytes, part.partBytes]);
		if (known >= 0) return known === 1;
		const wanted = (this.#subject.images[image] as Subject['images'][number]).bytes.subarray(part.done, part.done + part.partBytes);
		const found = this.#flash.store.bytes(place.page).subarray(place.offsetBytes, place.offsetBytes + part.partBytes);
		const isEqual = Buffer.compare(wanted, found) === 0;
		this.#isPart.put(isEqual ? 1 : 0);
		return isEqual;
	}
}
