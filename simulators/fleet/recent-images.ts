/** What images kept for the next world may come to. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Images by all that they are made from. Bounded in bytes; the one that was made first goes first. Nobody may write to them. */
export class RecentImages {
	readonly #images = new Map<string, Uint8Array>();
	#bytes = 0;

	get(name: string, make: () => Uint8Array): Uint8Array {
		const known = this.#images.get(name);
		if (known) return known;
		const image = make();
		this.#images.set(name, image);
		this.#bytes += image.length;
		for (const [oldest, { length }] of this.#images) {
			if (this.#bytes <= MOST_BYTES) break;
			this.#images.delete(oldest);
			this.#bytes -= length;
		}
		return image;
	}
}
