/** Bytes that were written in one tick and leave together, as a socket's corked writes do: in pieces, so that large ones need no copy. */
export interface Burst {
	readonly pieces: readonly Buffer[];
	readonly sizeBytes: number;
}

/** A chunk from here on is passed on as it is: a block of a download is one buffer for every device that is sent it. */
const WHOLE_FROM_BYTES = 2048;

/**
 * Small pieces are cut from shared slabs: a buffer of its own for each costs an allocation outside the heap and its
 * collection, more than all else a delivery does.
 */
const SLAB_BYTES = 32 * 1024;
let slab: Buffer | undefined;
let slabOffset = 0;

const allocate = (sizeBytes: number): Buffer => {
	if (sizeBytes > SLAB_BYTES / 4) return Buffer.allocUnsafeSlow(sizeBytes);
	if (!slab || slabOffset + sizeBytes > SLAB_BYTES) {
		slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
		slabOffset = 0;
	}
	const share = slab.subarray(slabOffset, slabOffset + sizeBytes);
	slabOffset += (sizeBytes + 7) & ~7;
	return share;
};

export const singleBurst = (chunk: Buffer): Burst => ({ pieces: [chunk], sizeBytes: chunk.length });

/** Joins runs of small chunks; a large chunk stays what it is, and so does one that stands alone. */
export const joinChunks = (chunks: readonly { readonly chunk: Buffer }[]): Burst => {
	const pieces: Buffer[] = [];
	let sizeBytes = 0;
	for (let first = 0; first < chunks.length; ) {
		let end = first;
		let runBytes = 0;
		for (let chunk = chunks[end]?.chunk; chunk && chunk.length < WHOLE_FROM_BYTES; chunk = chunks[++end]?.chunk) runBytes += chunk.length;
		if (end === first) end++;
		const piece = end - first === 1 ? (chunks[first] as { readonly chunk: Buffer }).chunk : copyRun(chunks, { first, end, runBytes });
		if (piece.length > 0) pieces.push(piece);
		sizeBytes += piece.length;
		first = end;
	}
	return { pieces, sizeBytes };
};

const copyRun = (
	chunks: readonly { readonly chunk: Buffer }[],
	{ first, end, runBytes }: { readonly first: number; readonly end: number; readonly runBytes: number },
): Buffer => {
	const joined = allocate(runBytes);
	let offset = 0;
	for (let index = first; index < end; index++) {
		const { chunk } = chunks[index] as { readonly chunk: Buffer };
		joined.set(chunk, offset);
		offset += chunk.length;
	}
	return joined;
};

/** Visits what lies between two offsets of a burst, piece by piece. */
export const eachPiece = ({ pieces }: Burst, range: { readonly start: number; readonly end: number }, visit: (bytes: Buffer) => void): void => {
	let at = 0;
	for (const piece of pieces) {
		const from = Math.max(range.start - at, 0);
		const to = Math.min(range.end - at, piece.length);
		if (from < to) visit(from === 0 && to === piece.length ? piece : piece.subarray(from, to));
		at += piece.length;
	}
};
