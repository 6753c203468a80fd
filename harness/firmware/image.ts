import { formatHex, type ImageHeader, parseHeader, readVersion } from './header.js';
import { ImageError } from './image-error.js';
import { nameOfTlv, TLV, TLV_HEADER_SIZE, TLV_INFO_MAGIC, TLV_PROTECTED_INFO_MAGIC, type Tlv } from './tlv.js';
import type { Version } from './version.js';

/** The least version another image must have before this one may run. */
export interface ImageDependency {
	readonly imageId: number;
	readonly version: Version;
}

/** An MCUboot image, parsed. Every byte array is a view into the bytes it was parsed from. */
export interface Image {
	readonly header: ImageHeader;
	readonly payload: Uint8Array;
	readonly protectedTlvs: readonly Tlv[];
	readonly unprotectedTlvs: readonly Tlv[];
	/** What the digest and the signature cover: header, padding, payload and protected TLVs. */
	readonly hashedRegion: { readonly offsetBytes: number; readonly lengthBytes: number };
	/** Header, padding, payload and both TLV areas: where the image ends; bytes after it belong to nobody or to the trailer. */
	readonly sizeBytes: number;
	/** From the protected area; absent where there is none or its length is wrong. */
	readonly securityCounter?: number;
	/** From the protected area, in file order; entries of a wrong length are left out. */
	readonly dependencies: readonly ImageDependency[];
	/** 16 bytes, from the protected area. */
	readonly vendorId?: Uint8Array;
	/** 16 bytes, from the protected area. */
	readonly classId?: Uint8Array;
}

export const DEPENDENCY_SIZE = 12;
export const UUID_SIZE = 16;

/**
 * Reads an image as bootutil walks it, and throws an ImageError that names the first field it stumbles over.
 * Looks only at `bytes`, copies none of them, and never trusts a size it has not compared with what is there.
 */
export const parseImage = (bytes: Uint8Array): Image => {
	const { error, ...found } = readImage(bytes);
	if (error !== undefined) throw error;
	return describeImage(bytes, found as Required<typeof found>);
};

/** What could be read of an image, and the error that ended it. */
export interface PartialImage {
	readonly header?: ImageHeader;
	readonly tlvs: readonly Tlv[];
	/** Where the protected area ends, which is where the unprotected one begins. */
	readonly protectedEndBytes?: number;
	readonly sizeBytes?: number;
	readonly error?: ImageError;
}

/** As parseImage, but keeps what was read before the error: for showing a damaged image to a person. */
export const readImage = (bytes: Uint8Array): PartialImage => {
	let header: ImageHeader | undefined;
	let area: TlvArea | undefined;
	const tlvs: Tlv[] = [];
	try {
		header = parseHeader(bytes);
		area = locateTlvs(bytes, header);
		walkTlvs(bytes, { area, tlvs });
	} catch (error) {
		if (!(error instanceof ImageError)) throw error;
		return { ...(header && { header }), tlvs, ...(area && { protectedEndBytes: area.protectedEndBytes, sizeBytes: area.endBytes }), error };
	}
	return { header, tlvs, protectedEndBytes: area.protectedEndBytes, sizeBytes: area.endBytes };
};

interface TlvArea {
	readonly startBytes: number;
	/** Equal to `startBytes` where nothing is protected. */
	readonly protectedEndBytes: number;
	readonly endBytes: number;
}

/** bootutil_tlv_iter_begin: finds both areas and holds the protected one's total against the header. */
const locateTlvs = (bytes: Uint8Array, header: ImageHeader): TlvArea => {
	const startBytes = header.headerSizeBytes + header.payloadSizeBytes;
	// Offsets in bootutil are u32: a sum that wraps there is refused before anything is read.
	if (startBytes + header.protectedTlvSizeBytes > 0xffff_ffff) {
		throw new ImageError(`image size ${formatHex(header.payloadSizeBytes)} with header and protected TLVs overflows 32 bits`, {
			code: 'bad-size',
			field: 'header.imageSize',
			offsetBytes: 12,
		});
	}
	const first = readTlvInfo(bytes, { offsetBytes: startBytes, field: 'tlvInfo' });
	if (first.magic === TLV_PROTECTED_INFO_MAGIC && first.totalBytes !== header.protectedTlvSizeBytes) {
		throw new ImageError(`the header says ${header.protectedTlvSizeBytes} bytes of protected TLVs, their own info says ${first.totalBytes}`, {
			code: 'bad-tlv-info',
			field: 'protectedTlvInfo.total',
			offsetBytes: startBytes + 2,
		});
	}
	if (first.magic !== TLV_PROTECTED_INFO_MAGIC && header.protectedTlvSizeBytes !== 0) {
		throw new ImageError(
			`the header says ${header.protectedTlvSizeBytes} bytes of protected TLVs, but info magic is ${formatHex(first.magic)}, not ${formatHex(TLV_PROTECTED_INFO_MAGIC)}`,
			{ code: 'bad-tlv-info', field: 'protectedTlvInfo.magic', offsetBytes: startBytes },
		);
	}
	const protectedEndBytes = startBytes + header.protectedTlvSizeBytes;
	const info = first.magic === TLV_PROTECTED_INFO_MAGIC ? readTlvInfo(bytes, { offsetBytes: protectedEndBytes, field: 'tlvInfo' }) : first;
	if (info.magic !== TLV_INFO_MAGIC) {
		throw new ImageError(`TLV info magic ${formatHex(TLV_INFO_MAGIC)} was expected at ${formatHex(protectedEndBytes)}, got ${formatHex(info.magic)}`, {
			code: 'bad-tlv-info',
			field: 'tlvInfo.magic',
			offsetBytes: protectedEndBytes,
		});
	}
	return { startBytes, protectedEndBytes, endBytes: protectedEndBytes + info.totalBytes };
};

const readTlvInfo = (bytes: Uint8Array, place: { readonly offsetBytes: number; readonly field: string }): { magic: number; totalBytes: number } => {
	const { offsetBytes, field } = place;
	if (offsetBytes + TLV_HEADER_SIZE > bytes.length) {
		throw new ImageError(`TLV info was expected at ${formatHex(offsetBytes)}, but the size is ${formatHex(bytes.length)}: truncated, or a wrong image size`, {
			code: 'truncated',
			field,
			offsetBytes,
		});
	}
	const view = new DataView(bytes.buffer, bytes.byteOffset + offsetBytes, TLV_HEADER_SIZE);
	return { magic: view.getUint16(0, true), totalBytes: view.getUint16(2, true) };
};

/** bootutil_tlv_iter_next over both areas: every TLV's header and data must lie before the end of the last area. */
const walkTlvs = (bytes: Uint8Array, walk: { readonly area: TlvArea; readonly tlvs: Tlv[] }): void => {
	const { startBytes, protectedEndBytes, endBytes } = walk.area;
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	let offset = startBytes + TLV_HEADER_SIZE;
	while (offset < endBytes) {
		if (offset === protectedEndBytes && protectedEndBytes > startBytes) {
			offset += TLV_HEADER_SIZE;
			continue;
		}
		if (offset + TLV_HEADER_SIZE > endBytes) throw tlvError(`${endBytes - offset} bytes are left for a TLV header of 4`, { code: 'bad-tlv', offset });
		if (offset + TLV_HEADER_SIZE > bytes.length) throw tlvError('the TLV header lies past the end of the bytes', { code: 'truncated', offset });
		const type = view.getUint16(offset, true);
		const length = view.getUint16(offset + 2, true);
		const dataOffset = offset + TLV_HEADER_SIZE;
		if (length > endBytes - dataOffset) {
			throw tlvError(`${nameOfTlv(type)} of length ${length} ends past the TLV area, which has ${endBytes - dataOffset} bytes left`, {
				code: 'bad-tlv',
				offset,
			});
		}
		if (length > bytes.length - dataOffset) throw tlvError(`${nameOfTlv(type)} of length ${length} ends past the bytes`, { code: 'truncated', offset });
		walk.tlvs.push({ type, name: nameOfTlv(type), offsetBytes: offset, data: bytes.subarray(dataOffset, dataOffset + length) });
		offset = dataOffset + length;
	}
};

const tlvError = (message: string, facts: { readonly code: 'bad-tlv' | 'truncated'; readonly offset: number }): ImageError =>
	new ImageError(`at ${formatHex(facts.offset)}: ${message}`, { code: facts.code, field: 'tlv', offsetBytes: facts.offset });

const describeImage = (
	bytes: Uint8Array,
	found: { readonly header: ImageHeader; readonly tlvs: readonly Tlv[]; protectedEndBytes: number; sizeBytes: number },
): Image => {
	const { header, tlvs, protectedEndBytes, sizeBytes } = found;
	const protectedTlvs = tlvs.filter((tlv) => tlv.offsetBytes < protectedEndBytes);
	const counter = protectedTlvs.find((tlv) => tlv.type === TLV.SEC_CNT);
	const vendorId = uuidOf(protectedTlvs, TLV.UUID_VID);
	const classId = uuidOf(protectedTlvs, TLV.UUID_CID);
	return {
		header,
		payload: bytes.subarray(header.headerSizeBytes, header.headerSizeBytes + header.payloadSizeBytes),
		protectedTlvs,
		unprotectedTlvs: tlvs.filter((tlv) => tlv.offsetBytes >= protectedEndBytes),
		hashedRegion: { offsetBytes: 0, lengthBytes: protectedEndBytes },
		sizeBytes,
		...(counter?.data.length === 4 && { securityCounter: readCounter(counter.data) }),
		dependencies: protectedTlvs.filter((tlv) => tlv.type === TLV.DEPENDENCY && tlv.data.length === DEPENDENCY_SIZE).map((tlv) => readDependency(tlv.data)),
		...(vendorId && { vendorId }),
		...(classId && { classId }),
	};
};

const uuidOf = (tlvs: readonly Tlv[], type: number): Uint8Array | undefined => tlvs.find((tlv) => tlv.type === type && tlv.data.length === UUID_SIZE)?.data;

export const readCounter = (data: Uint8Array): number => viewOf(data).getUint32(0, true);

/** u8 image id, 3 bytes of padding, then a version. */
export const readDependency = (data: Uint8Array): ImageDependency => ({ imageId: viewOf(data).getUint8(0), version: readVersion(viewOf(data), 4) });

const viewOf = (data: Uint8Array): DataView => new DataView(data.buffer, data.byteOffset, data.byteLength);
