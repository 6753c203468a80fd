import { IMAGE_FLAGS, IMAGE_HEADER_SIZE, IMAGE_MAGIC, readVersion, TLV_HEADER_SIZE, type Version } from '../../../harness/firmware/index.js';
import { FlashError } from '../../../harness/flash/index.js';
import type { SlotPart } from './slot-part.js';

const TLV_INFO_MAGIC = 0x6907;
const TLV_PROTECTED_INFO_MAGIC = 0x6908;

/** What MCUboot keeps of an image's header. */
export interface SlotHeader {
	/** The magic is that of an image. */
	readonly isImage: boolean;
	/** The magic reads as erased. */
	readonly isErased: boolean;
	readonly isBootable: boolean;
	/** From the image's first byte to its TLVs. */
	readonly tlvAtBytes: number;
	readonly protectedTlvBytes: number;
	readonly version: Version;
}

/** A header that could not be read: neither an image nor erased. */
export const UNREADABLE_HEADER: SlotHeader = {
	isImage: false,
	isErased: false,
	isBootable: true,
	tlvAtBytes: 0,
	protectedTlvBytes: 0,
	version: { major: 0, minor: 0, revision: 0, build: 0 },
};

/** Where a header lies: in which part, and how far from its start. */
export interface HeaderPlace {
	readonly part: SlotPart;
	readonly offsetBytes: number;
}

/** Null where a unit in it is in error. */
export const readSlotHeader = ({ part, offsetBytes }: HeaderPlace, erasedByte: number): SlotHeader | null => {
	const bytes = readOrNull(part, { offsetBytes, lengthBytes: IMAGE_HEADER_SIZE });
	if (bytes === null) return null;
	const view = new DataView(bytes.buffer, bytes.byteOffset, IMAGE_HEADER_SIZE);
	const magic = view.getUint32(0, true);
	return {
		isImage: magic === IMAGE_MAGIC,
		isErased: magic === (erasedByte === 0xff ? 0xffff_ffff : 0),
		isBootable: (view.getUint32(16, true) & IMAGE_FLAGS.NON_BOOTABLE) === 0,
		tlvAtBytes: view.getUint16(8, true) + view.getUint32(12, true),
		protectedTlvBytes: view.getUint16(10, true),
		version: readVersion(view, 20),
	};
};

/** An image's length with all its TLVs, and that of the unprotected ones; null where its TLVs are not what its header says, or lie outside the slot. */
export const measureImage = (
	{ part, offsetBytes }: HeaderPlace,
	header: SlotHeader,
): { readonly sizeBytes: number; readonly unprotectedTlvBytes: number } | null => {
	const first = readTlvInfo(part, offsetBytes + header.tlvAtBytes);
	if (first === null) return null;
	if (first.magic === TLV_PROTECTED_INFO_MAGIC ? first.totalBytes !== header.protectedTlvBytes : header.protectedTlvBytes !== 0) return null;
	const info = first.magic === TLV_PROTECTED_INFO_MAGIC ? readTlvInfo(part, offsetBytes + header.tlvAtBytes + first.totalBytes) : first;
	if (info?.magic !== TLV_INFO_MAGIC) return null;
	return { sizeBytes: header.tlvAtBytes + header.protectedTlvBytes + info.totalBytes, unprotectedTlvBytes: info.totalBytes };
};

const readTlvInfo = (part: SlotPart, offsetBytes: number): { readonly magic: number; readonly totalBytes: number } | null => {
	const bytes = readOrNull(part, { offsetBytes, lengthBytes: TLV_HEADER_SIZE });
	if (bytes === null) return null;
	const view = new DataView(bytes.buffer, bytes.byteOffset, TLV_HEADER_SIZE);
	return { magic: view.getUint16(0, true), totalBytes: view.getUint16(2, true) };
};

const readOrNull = (part: SlotPart, range: { readonly offsetBytes: number; readonly lengthBytes: number }): Uint8Array | null => {
	if (range.offsetBytes + range.lengthBytes > part.area.sizeBytes) return null;
	try {
		return part.read(range.offsetBytes, range.lengthBytes);
	} catch (error) {
		if (error instanceof FlashError && error.code === 'unreadable') return null;
		throw error;
	}
};
