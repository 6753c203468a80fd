import { formatHex } from './header.js';

/** Types of image TLVs, from bootutil's image.h; the vendor ids of a UUID are 0x74 and 0x75 in its code. */
export const TLV = {
	KEYHASH: 0x01,
	PUBKEY: 0x02,
	SHA256: 0x10,
	SHA384: 0x11,
	SHA512: 0x12,
	RSA2048: 0x20,
	ECDSASIG: 0x22,
	RSA3072: 0x23,
	ED25519: 0x24,
	SIG_PURE: 0x25,
	ENC_RSA2048: 0x30,
	ENC_KW: 0x31,
	ENC_EC256: 0x32,
	ENC_X25519: 0x33,
	ENC_X25519_SHA512: 0x34,
	DEPENDENCY: 0x40,
	SEC_CNT: 0x50,
	BOOT_RECORD: 0x60,
	DECOMP_SIZE: 0x70,
	DECOMP_SHA: 0x71,
	DECOMP_SIGNATURE: 0x72,
	COMP_DEC_SIZE: 0x73,
	UUID_VID: 0x74,
	UUID_CID: 0x75,
} as const;

export const TLV_INFO_MAGIC = 0x6907;
export const TLV_PROTECTED_INFO_MAGIC = 0x6908;
/** Of the info header before an area's TLVs, and of the header before each TLV's data: two u16 each. */
export const TLV_HEADER_SIZE = 4;

/** One type-length-value entry. `data` is a view into the image's bytes. */
export interface Tlv {
	readonly type: number;
	readonly name: string;
	/** Of the TLV's own header, from the image's start; its data follow 4 bytes later. */
	readonly offsetBytes: number;
	readonly data: Uint8Array;
}

/** A TLV to be written. */
export interface TlvContent {
	readonly type: number;
	readonly data: Uint8Array;
}

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(TLV).map(([name, type]) => [type, name]));

/** The field's name for a TLV type; `VENDOR 0x…` in the vendor ranges (0x??A0 to 0x??FE), `UNKNOWN 0x…` elsewhere. */
export const nameOfTlv = (type: number): string => NAMES.get(type) ?? `${isVendorTlv(type) ? 'VENDOR' : 'UNKNOWN'} ${formatHex(type, 4)}`;

export const isVendorTlv = (type: number): boolean => (type & 0xff) >= 0xa0 && (type & 0xff) <= 0xfe;

/** An area as it stands in an image: u16 magic, u16 total with this header, then per TLV u16 type, u16 length, data. */
export const encodeTlvArea = (magic: number, tlvs: readonly TlvContent[]): Uint8Array => {
	const totalBytes = tlvAreaSize(tlvs);
	const bytes = new Uint8Array(totalBytes);
	const view = new DataView(bytes.buffer);
	view.setUint16(0, magic, true);
	view.setUint16(2, totalBytes, true);
	let offset = TLV_HEADER_SIZE;
	for (const { type, data } of tlvs) {
		view.setUint16(offset, type, true);
		view.setUint16(offset + 2, data.length, true);
		bytes.set(data, offset + TLV_HEADER_SIZE);
		offset += TLV_HEADER_SIZE + data.length;
	}
	return bytes;
};

/** Of an area with these TLVs, its info header included. Throws a RangeError where a u16 cannot hold it. */
export const tlvAreaSize = (tlvs: readonly TlvContent[]): number => {
	let totalBytes = TLV_HEADER_SIZE;
	for (const { type, data } of tlvs) {
		if (!Number.isInteger(type) || type < 0 || type > 0xffff) throw new RangeError(`TLV type: 0 to 0xffff was expected, got ${type}`);
		totalBytes += TLV_HEADER_SIZE + data.length;
	}
	if (totalBytes > 0xffff) throw new RangeError(`TLV area: at most 65535 bytes fit, got ${totalBytes}`);
	return totalBytes;
};
