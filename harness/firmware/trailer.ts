/**
 * The swap trailer at the end of a slot, seen from the slot's end, for a largest alignment of 8:
 *
 * | ends before | size | field |
 * |---|---|---|
 * | 0 | 16 | magic |
 * | 16 | 8 | image_ok: 01 where the image is confirmed |
 * | 24 | 8 | copy_done |
 * | 32 | 8 | swap_info |
 * | 40 | 8 | swap_size |
 * | 48 | 128 x 3 x write size | swap status |
 *
 * Larger alignments widen each field to the alignment. For swaps by offset the place of swap_size holds the sizes of both
 * images' unprotected TLVs (u16 of the primary, u16 of the secondary), swap_size lies one alignment lower, and a sector
 * has two status entries.
 */
export interface TrailerShape {
	/** 1, 2, 4, 8, 16 or 32; the flash's write size. Default 4. */
	readonly writeSizeBytes?: number;
	/** BOOT_MAX_ALIGN: 8, 16 or 32. Default: 8, or the write size where that is larger. */
	readonly maxAlignBytes?: number;
	/** BOOT_MAX_IMG_SECTORS. Default 128. */
	readonly maxSectors?: number;
	/** The trailer of a bootloader that swaps by offset. Default false. */
	readonly swapsByOffset?: boolean;
}

export const TRAILER_DEFAULTS = { writeSizeBytes: 4, maxAlignBytes: 8, maxSectors: 128, swapsByOffset: false } as const;

const MAGIC_SIZE = 16;
const MAGIC_ALIGN_8 = [0x77, 0xc2, 0x95, 0xf3, 0x60, 0xd2, 0xef, 0x7f, 0x35, 0x52, 0x50, 0x0f, 0x2c, 0xb6, 0x79, 0x80] as const;
const MAGIC_TAIL = [0x2d, 0xe1, 0x5d, 0x29, 0x41, 0x0b, 0x8d, 0x77, 0x67, 0x9c, 0x11, 0x0f, 0x1f, 0x8a] as const;

/** Bytes that the trailer takes from the end of a slot. Throws a RangeError for sizes no flash has. */
export const trailerSizeBytes = (shape: TrailerShape = {}): number => trailerFields(shape).sizeBytes;

/** Where each field begins, in bytes before the end of the slot. */
export interface TrailerFields {
	readonly sizeBytes: number;
	/** The 16 bytes of the magic are the last of this many. */
	readonly magicUnit: number;
	readonly imageOk: number;
	readonly copyDone: number;
	readonly swapInfo: number;
	/** Null unless the bootloader swaps by offset. */
	readonly tlvSizes: number | null;
	readonly swapSize: number;
	/** Of the swap status, which is `sizeBytes` before the end: one write unit each. */
	readonly statusEntries: number;
	readonly entriesPerSector: 2 | 3;
}

/** Throws a RangeError for sizes no flash has. */
export const trailerFields = (shape: TrailerShape = {}): TrailerFields => {
	const { writeSizeBytes, maxAlignBytes, maxSectors, swapsByOffset } = resolve(shape);
	const magicUnit = alignUp(MAGIC_SIZE, maxAlignBytes);
	const field = (index: number): number => magicUnit + index * maxAlignBytes;
	const swapSize = field(swapsByOffset ? 5 : 4);
	const entriesPerSector = swapsByOffset ? 2 : 3;
	const statusEntries = maxSectors * entriesPerSector;
	return {
		sizeBytes: statusEntries * writeSizeBytes + swapSize,
		magicUnit,
		imageOk: field(1),
		copyDone: field(2),
		swapInfo: field(3),
		tlvSizes: swapsByOffset ? field(4) : null,
		swapSize,
		statusEntries,
		entriesPerSector,
	};
};

/** A trailer as imgtool's `--pad` writes it, which asks for a trial; with `confirm`, as `--pad --confirm`, which asks for good. */
export const encodeTrailer = (options: TrailerShape & { readonly confirm?: boolean; readonly erasedValue?: number }): Uint8Array => {
	const { maxAlignBytes } = resolve(options);
	const bytes = new Uint8Array(trailerSizeBytes(options)).fill(options.erasedValue ?? 0xff);
	bytes.set(trailerMagic(maxAlignBytes), bytes.length - MAGIC_SIZE);
	if (options.confirm === true) bytes[bytes.length - alignUp(MAGIC_SIZE, maxAlignBytes) - maxAlignBytes] = 0x01;
	return bytes;
};

/** What the last bytes of a padded slot ask for: a trial, a swap for good, or nothing, because there is no trailer magic. */
export type TrailerState = 'trial' | 'confirmed' | 'none';

export const readTrailer = (slot: Uint8Array): TrailerState => {
	const end = Buffer.from(slot.buffer, slot.byteOffset, slot.byteLength);
	const maxAlignBytes = [8, 16, 32].find((align) => end.subarray(-MAGIC_SIZE).equals(trailerMagic(align)));
	if (maxAlignBytes === undefined) return 'none';
	return slot.at(-(alignUp(MAGIC_SIZE, maxAlignBytes) + maxAlignBytes)) === 0x01 ? 'confirmed' : 'trial';
};

/** The 16 bytes that say there is a trailer, for a largest alignment. */
export const trailerMagic = (maxAlignBytes: number): Uint8Array =>
	Uint8Array.from(maxAlignBytes === 8 ? MAGIC_ALIGN_8 : [maxAlignBytes & 0xff, maxAlignBytes >> 8, ...MAGIC_TAIL]);

const resolve = (shape: TrailerShape): Required<TrailerShape> => {
	const writeSizeBytes = shape.writeSizeBytes ?? TRAILER_DEFAULTS.writeSizeBytes;
	const maxAlignBytes = shape.maxAlignBytes ?? Math.max(TRAILER_DEFAULTS.maxAlignBytes, writeSizeBytes);
	const maxSectors = shape.maxSectors ?? TRAILER_DEFAULTS.maxSectors;
	const swapsByOffset = shape.swapsByOffset ?? TRAILER_DEFAULTS.swapsByOffset;
	if (![1, 2, 4, 8, 16, 32].includes(writeSizeBytes)) throw new RangeError(`writeSizeBytes: 1, 2, 4, 8, 16 or 32 was expected, got ${writeSizeBytes}`);
	if (![8, 16, 32].includes(maxAlignBytes) || maxAlignBytes < writeSizeBytes) {
		throw new RangeError(`maxAlignBytes: 8, 16 or 32, at least the write size ${writeSizeBytes}, was expected, got ${maxAlignBytes}`);
	}
	if (!Number.isInteger(maxSectors) || maxSectors < 1) throw new RangeError(`maxSectors: a whole number above 0 was expected, got ${maxSectors}`);
	return { writeSizeBytes, maxAlignBytes, maxSectors, swapsByOffset };
};

const alignUp = (value: number, align: number): number => Math.ceil(value / align) * align;
