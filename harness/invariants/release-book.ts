import type { EventOf } from './invariant.js';

export type PublishedImage = EventOf<'release-published'>;

/**
 * The images that were released so far, by hardware and digest. An image must be published before it runs.
 * Where the same bytes were published twice for one hardware, devices may run them if either publication says so.
 */
export class ReleaseBook {
	readonly #byHardware = new Map<string, Map<string, PublishedImage>>();
	readonly #byDigest = new Map<string, PublishedImage>();

	publish(image: PublishedImage): void {
		let images = this.#byHardware.get(image.hardware);
		if (images === undefined) {
			images = new Map();
			this.#byHardware.set(image.hardware, images);
		}
		if (images.get(image.digest)?.authentic !== true) images.set(image.digest, image);
		if (!this.#byDigest.has(image.digest)) this.#byDigest.set(image.digest, image);
	}

	find(image: { readonly hardware: string; readonly digest: string }): PublishedImage | undefined {
		return this.#byHardware.get(image.hardware)?.get(image.digest);
	}

	/** Whether these bytes were released at all, for whatever hardware. */
	isReleased(digest: string): boolean {
		return this.#byDigest.has(digest);
	}

	/** The image as a message names it. */
	describe(digest: string): string {
		const image = this.#byDigest.get(digest);
		return image === undefined ? `an unreleased image (${shortDigest(digest)})` : `${image.release} ${image.version} (${shortDigest(digest)})`;
	}
}

/** The first twelve digits: enough to tell images apart in a message. */
export const shortDigest = (digest: string): string => digest.slice(0, 12);
