import { ImageError } from './image-error.js';
import type { Version } from './version.js';

/** From bootutil's image.h. */
export const IMAGE_MAGIC = 0x96f3b83d;
export const IMAGE_HEADER_SIZE = 32;

/** Flags of `header.flags`, from bootutil's image.h. */
export const IMAGE_FLAGS = {
	PIC: 0x1,
	ENCRYPTED_AES128: 0x4,
	ENCRYPTED_AES256: 0x8,
	NON_BOOTABLE: 0x10,
	RAM_LOAD: 0x20,
	ROM_FIXED: 0x100,
	COMPRESSED_LZMA1: 0x200,
	COMPRESSED_LZMA2: 0x400,
	COMPRESSED_ARM_THUMB: 0x800,
} as const;

/**
 * An MCUboot image header, little-endian:
 *
 * | offset | size | field |
 * |---|---|---|
 * | 0 | 4 | magic 0x96f3b83d |
 * | 4 | 4 | load address |
 * | 8 | 2 | header size: bytes from the image's start to its payload |
 * | 10 | 2 | protected TLV size, its 4-byte info header included, or 0 |
 * | 12 | 4 | image size: the payload alone |
 * | 16 | 4 | flags |
 * | 20 | 1, 1, 2, 4 | version major, minor, revision, build |
 * | 28 | 4 | padding, 0 |
 */
export interface ImageHeader {
	readonly magic: number;
	readonly loadAddress: number;
	readonly headerSizeBytes: number;
	readonly protectedTlvSizeBytes: number;
	readonly payloadSizeBytes: number;
	readonly flags: number;
	readonly version: Version;
	readonly padding: number;
}

export const HEADER_OFFSETS = { magic: 0, loadAddress: 4, headerSize: 8, protectedTlvSize: 10, imageSize: 12, flags: 16, version: 20, padding: 28 } as const;

/** Throws an ImageError where the magic or the length is wrong; what the sizes say is judged by whoever follows them. */
export const parseHeader = (bytes: Uint8Array): ImageHeader => {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const magic = bytes.length >= 4 ? view.getUint32(HEADER_OFFSETS.magic, true) : undefined;
	if (magic !== undefined && magic !== IMAGE_MAGIC) {
		throw new ImageError(`magic ${formatHex(IMAGE_MAGIC)} was expected, got ${formatHex(magic)}: not an MCUboot image`, {
			code: 'bad-magic',
			field: 'header.magic',
			offsetBytes: HEADER_OFFSETS.magic,
		});
	}
	if (bytes.length < IMAGE_HEADER_SIZE) {
		throw new ImageError(`an image header of ${IMAGE_HEADER_SIZE} bytes was expected, the size is ${bytes.length === 0 ? '0: empty' : bytes.length}`, {
			code: 'truncated',
			field: 'header',
			offsetBytes: bytes.length,
		});
	}
	return {
		magic: IMAGE_MAGIC,
		loadAddress: view.getUint32(HEADER_OFFSETS.loadAddress, true),
		headerSizeBytes: view.getUint16(HEADER_OFFSETS.headerSize, true),
		protectedTlvSizeBytes: view.getUint16(HEADER_OFFSETS.protectedTlvSize, true),
		payloadSizeBytes: view.getUint32(HEADER_OFFSETS.imageSize, true),
		flags: view.getUint32(HEADER_OFFSETS.flags, true),
		version: readVersion(view, HEADER_OFFSETS.version),
		padding: view.getUint32(HEADER_OFFSETS.padding, true),
	};
};

/** The header's 32 bytes. Values are taken as they are; `buildImage` checks their ranges. */
export const encodeHeader = (header: ImageHeader): Uint8Array => {
	const bytes = new Uint8Array(IMAGE_HEADER_SIZE);
	const view = new DataView(bytes.buffer);
	view.setUint32(HEADER_OFFSETS.magic, header.magic, true);
	view.setUint32(HEADER_OFFSETS.loadAddress, header.loadAddress, true);
	view.setUint16(HEADER_OFFSETS.headerSize, header.headerSizeBytes, true);
	view.setUint16(HEADER_OFFSETS.protectedTlvSize, header.protectedTlvSizeBytes, true);
	view.setUint32(HEADER_OFFSETS.imageSize, header.payloadSizeBytes, true);
	view.setUint32(HEADER_OFFSETS.flags, header.flags, true);
	writeVersion(view, { offsetBytes: HEADER_OFFSETS.version, version: header.version });
	view.setUint32(HEADER_OFFSETS.padding, header.padding, true);
	return bytes;
};

/** The 8 bytes of a version: u8 major, u8 minor, u16 revision, u32 build. */
export const readVersion = (view: DataView, offsetBytes: number): Version => ({
	major: view.getUint8(offsetBytes),
	minor: view.getUint8(offsetBytes + 1),
	revision: view.getUint16(offsetBytes + 2, true),
	build: view.getUint32(offsetBytes + 4, true),
});

export const writeVersion = (view: DataView, place: { readonly offsetBytes: number; readonly version: Version }): void => {
	const { offsetBytes, version } = place;
	view.setUint8(offsetBytes, version.major);
	view.setUint8(offsetBytes + 1, version.minor);
	view.setUint16(offsetBytes + 2, version.revision, true);
	view.setUint32(offsetBytes + 4, version.build, true);
};

/** `0x96f3b83d`; at least `digits` digits. */
export const formatHex = (value: number, digits = 0): string => `0x${value.toString(16).padStart(digits, '0')}`;

/** The names of the flags that are set; bits without a name as a hexadecimal rest. */
export const namesOfFlags = (flags: number): readonly string[] => {
	const names: string[] = [];
	let rest = flags;
	for (const [name, bit] of Object.entries(IMAGE_FLAGS)) {
		if ((flags & bit) === 0) continue;
		names.push(name);
		rest &= ~bit;
	}
	if (rest !== 0) names.push(formatHex(rest >>> 0));
	return names;
};
