/**
 * Bitmaps of blocks, as `GetStream` carries them: bit i of the bitmap is block offset + i,
 * the least significant bit of each byte first.
 */

/** A bitmap that holds exactly these blocks; `blocks` ascending, none below `offset`. */
export const createBitmap = (blocks: readonly number[], offset: number): Uint8Array => {
	const last = blocks.at(-1) ?? offset;
	const bitmap = new Uint8Array(((last - offset) >> 3) + 1);
	for (const block of blocks) {
		const bit = block - offset;
		bitmap[bit >> 3] = (bitmap[bit >> 3] ?? 0) | (1 << (bit & 7));
	}
	return bitmap;
};

/** The first `limit` blocks a bitmap asks for, ascending, all below `end`. */
export const listBits = (bitmap: Uint8Array, range: { readonly offset: number; readonly end: number; readonly limit: number }): number[] => {
	const blocks: number[] = [];
	const bits = Math.min(bitmap.length * 8, range.end - range.offset);
	for (let bit = 0; bit < bits && blocks.length < range.limit; bit++) {
		if (((bitmap[bit >> 3] ?? 0) >> (bit & 7)) & 1) blocks.push(range.offset + bit);
	}
	return blocks;
};

/** How many blocks a bitmap asks for. */
export const countBits = (bitmap: Uint8Array): number => {
	let count = 0;
	for (let byte of bitmap) for (; byte !== 0; byte &= byte - 1) count++;
	return count;
};
