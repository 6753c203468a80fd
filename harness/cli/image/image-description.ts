import { createHash } from 'node:crypto';
import {
	formatHex,
	formatUuid,
	formatVersion,
	type ImageHeader,
	namesOfFlags,
	type PartialImage,
	readDependency,
	readImage,
	TLV,
	TLV_HEADER_SIZE,
	type Tlv,
	type TrailerState,
	readTrailer,
} from '../../firmware/index.js';

/** All that can be said of an image without a key. Offsets and sizes are in bytes; bytes are hexadecimal. */
export interface ImageDescription {
	readonly file: string;
	readonly fileSizeBytes: number;
	/** Where the TLVs say the image ends; null where it could not be told. */
	readonly imageSizeBytes: number | null;
	readonly header: readonly HeaderField[];
	readonly tlvs: readonly TlvEntry[];
	/** Whether the SHA256 TLV is the image's own digest; null where there is none. */
	readonly digestMatches: boolean | null;
	/** What the end of the file is if it is a padded slot; null where nothing follows the image. */
	readonly trailer: TrailerState | null;
	readonly error: { readonly code: string; readonly field: string; readonly offset: number; readonly message: string } | null;
}

interface HeaderField {
	readonly offset: number;
	readonly name: string;
	readonly value: number | string;
	readonly meaning: string;
}

interface TlvEntry {
	readonly offset: number;
	readonly area: 'protected' | 'unprotected';
	readonly type: number;
	readonly name: string;
	readonly length: number;
	readonly data: string;
	readonly meaning: string;
}

export const describeImage = (file: string, bytes: Uint8Array): ImageDescription => {
	const partial = readImage(bytes);
	const { header, sizeBytes, error } = partial;
	return {
		file,
		fileSizeBytes: bytes.length,
		imageSizeBytes: sizeBytes ?? null,
		header: header === undefined ? [] : describeHeader(header),
		tlvs: partial.tlvs.map((tlv) => describeTlv(tlv, partial)),
		digestMatches: checkDigest(bytes, partial),
		trailer: error === undefined && sizeBytes !== undefined && sizeBytes < bytes.length ? readTrailer(bytes) : null,
		error: error === undefined ? null : { code: error.code, field: error.field, offset: error.offsetBytes, message: error.message },
	};
};

const describeHeader = (header: ImageHeader): readonly HeaderField[] => [
	{ offset: 0, name: 'magic', value: header.magic, meaning: formatHex(header.magic) },
	{ offset: 4, name: 'load address', value: header.loadAddress, meaning: formatHex(header.loadAddress) },
	{ offset: 8, name: 'header size', value: header.headerSizeBytes, meaning: sizeText(header.headerSizeBytes) },
	{ offset: 10, name: 'protected TLV size', value: header.protectedTlvSizeBytes, meaning: sizeText(header.protectedTlvSizeBytes) },
	{ offset: 12, name: 'image size', value: header.payloadSizeBytes, meaning: sizeText(header.payloadSizeBytes) },
	{ offset: 16, name: 'flags', value: header.flags, meaning: [formatHex(header.flags), ...namesOfFlags(header.flags)].join(' ') },
	{ offset: 20, name: 'version', value: formatVersion(header.version), meaning: formatVersion(header.version) },
	{ offset: 28, name: 'padding', value: header.padding, meaning: formatHex(header.padding) },
];

const sizeText = (sizeBytes: number): string => `${sizeBytes} (${formatHex(sizeBytes)})`;

const describeTlv = (tlv: Tlv, image: PartialImage): TlvEntry => ({
	offset: tlv.offsetBytes,
	area: tlv.offsetBytes < (image.protectedEndBytes ?? 0) ? 'protected' : 'unprotected',
	type: tlv.type,
	name: tlv.name,
	length: tlv.data.length,
	data: Buffer.from(tlv.data).toString('hex'),
	meaning: meaningOf(tlv),
});

/** A value in words for the TLVs that have one, else the data, cut to a line. */
const meaningOf = (tlv: Tlv): string => {
	const data = Buffer.from(tlv.data.buffer, tlv.data.byteOffset, tlv.data.byteLength);
	if (tlv.type === TLV.SEC_CNT && data.length === 4) return String(data.readUInt32LE());
	if (tlv.type === TLV.DEPENDENCY && data.length === 12) {
		const { imageId, version } = readDependency(data);
		return `image ${imageId}, at least ${formatVersion(version)}`;
	}
	if ((tlv.type === TLV.UUID_VID || tlv.type === TLV.UUID_CID) && data.length === 16) return formatUuid(data);
	if (tlv.name.startsWith('VENDOR') && /^[\x20-\x7e]+$/.test(data.toString('latin1'))) return JSON.stringify(data.toString('latin1').slice(0, 60));
	return data.length <= 32 ? data.toString('hex') : `${data.subarray(0, 28).toString('hex')}…`;
};

const checkDigest = (bytes: Uint8Array, image: PartialImage): boolean | null => {
	const tlv = image.tlvs.find((each) => each.type === TLV.SHA256);
	if (tlv === undefined || image.protectedEndBytes === undefined) return null;
	return createHash('sha256').update(bytes.subarray(0, image.protectedEndBytes)).digest().equals(tlv.data);
};

/** The description for people: aligned columns, offsets in hexadecimal. */
export const renderImage = (description: ImageDescription): string => {
	const { file, fileSizeBytes, imageSizeBytes, header, tlvs, digestMatches, trailer } = description;
	const lines = [`${file}: ${fileSizeBytes} bytes${imageSizeBytes === null ? '' : `, the image takes ${imageSizeBytes}`}`];
	if (header.length > 0) lines.push('', 'header', ...align(header.map((field) => [offsetText(field.offset), field.name, field.meaning])));
	if (tlvs.length > 0) {
		const rows = tlvs.map((tlv) => [offsetText(tlv.offset), tlv.area, formatHex(tlv.type, 4), tlv.name, String(tlv.length), tlv.meaning]);
		lines.push('', 'TLVs', ...align([['offset', 'area', 'type', 'name', 'length', 'data'], ...rows]));
	}
	if (digestMatches !== null) lines.push('', `digest: ${digestMatches ? 'right' : 'WRONG: the image is not what was hashed'}`);
	if (trailer !== null) lines.push(`after the image: ${TRAILER_TEXTS[trailer]}`);
	return lines.join('\n');
};

const TRAILER_TEXTS: Readonly<Record<TrailerState, string>> = {
	trial: 'a trailer that asks for a trial',
	confirmed: 'a trailer that asks for good (image_ok is set)',
	none: 'bytes that are no trailer; no digest covers them',
};

const offsetText = (offset: number): string => formatHex(offset, TLV_HEADER_SIZE);

const align = (rows: readonly (readonly string[])[]): readonly string[] => {
	const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
	return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
};
