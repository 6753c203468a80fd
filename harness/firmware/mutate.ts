import { createHash } from 'node:crypto';
import type { ImageDefect } from './image-defect.js';
import { HEADER_OFFSETS, IMAGE_FLAGS } from './header.js';
import { type Image, parseImage } from './image.js';
import { SIGNATURE_TLVS } from './signature.js';
import { encodeTlvArea, TLV, TLV_HEADER_SIZE, TLV_INFO_MAGIC, type Tlv } from './tlv.js';

/** Defects that anyone can make of a signed image without a key. The others need an image of their own, signed. */
export type KeylessDefect = Exclude<ImageDefect, 'unknown-key' | 'other-hardware' | 'downgrade' | 'dependency-not-met' | 'mix-and-match' | 'fast-forward'>;

export interface CorruptOptions {
	readonly defect: KeylessDefect;
	/** The slot that `too-large` must not fit; only that defect asks for it. */
	readonly slotSizeBytes?: number;
}

/**
 * A variant of an image that must be refused, whatever the image: one that was accepted is not, once it has the defect. The same image and
 * defect give the same bytes, and no two defects the same. Throws an ImageError where `bytes` is no image to begin with.
 */
export const corruptImage = (bytes: Uint8Array, options: CorruptOptions): Uint8Array => DEFECTS[options.defect]({ bytes, image: parseImage(bytes), options });

interface Subject {
	readonly bytes: Uint8Array;
	readonly image: Image;
	readonly options: CorruptOptions;
}

const DEFECTS: Readonly<Record<KeylessDefect, (subject: Subject) => Uint8Array>> = {
	/** One bit of the magic. */
	magic: ({ bytes }) => flipBit(bytes, HEADER_OFFSETS.magic),
	/** The payload seems to begin 4 bytes later, or 4 earlier at the field's end: everything after the header is misread. */
	'header-size': ({ bytes, image }) => {
		const { headerSizeBytes } = image.header;
		return edit(bytes, (view) => view.setUint16(HEADER_OFFSETS.headerSize, headerSizeBytes <= 0xffff - 4 ? headerSizeBytes + 4 : headerSizeBytes - 4, true));
	},
	/** The payload seems 4 bytes longer, so that its TLVs are looked for in the wrong place. */
	'image-size': ({ bytes, image }) => edit(bytes, (view) => view.setUint32(HEADER_OFFSETS.imageSize, image.header.payloadSizeBytes + 4, true)),
	/** A harmless flag, PIC, is toggled: only the digest and the signature can tell. */
	flags: ({ bytes, image }) => edit(bytes, (view) => view.setUint32(HEADER_OFFSETS.flags, (image.header.flags ^ IMAGE_FLAGS.PIC) >>> 0, true)),
	/** The revision is raised by one, as someone would who relabels an old image. */
	version: ({ bytes, image }) => edit(bytes, (view) => view.setUint16(HEADER_OFFSETS.version + 2, (image.header.version.revision + 1) & 0xffff, true)),
	/** One bit in the middle of the payload, or of the header's padding where there is no payload. */
	'payload-bit': ({ bytes, image }) => {
		const { headerSizeBytes, payloadSizeBytes } = image.header;
		return flipBit(bytes, payloadSizeBytes > 0 ? headerSizeBytes + (payloadSizeBytes >> 1) : headerSizeBytes - 1);
	},
	/** One bit of every digest, or of the mark that stands for it in an image signed pure. */
	hash: ({ bytes, image }) => flipIn(bytes, image.unprotectedTlvs.filter(isDigest)),
	/** One bit of every signature. */
	signature: ({ bytes, image }) => flipIn(bytes, image.unprotectedTlvs.filter(isSignature)),
	/** One bit of the magic before the unprotected TLVs. */
	'tlv-info': ({ bytes, image }) => flipBit(bytes, image.hashedRegion.lengthBytes),
	/** One bit of the first protected TLV; without protected TLVs the header claims an area of 4 bytes that is not there. */
	'protected-tlv': ({ bytes, image }) => {
		const [first] = image.protectedTlvs;
		if (first === undefined) return edit(bytes, (view) => view.setUint16(HEADER_OFFSETS.protectedTlvSize, image.header.protectedTlvSizeBytes + 4, true));
		return flipBit(bytes, first.data.length > 0 ? first.offsetBytes + TLV_HEADER_SIZE : first.offsetBytes);
	},
	/** The first half of the image, as a download that stopped leaves it; padding and trailer are gone too. */
	truncated: ({ bytes, image }) => bytes.slice(0, image.sizeBytes >> 1),
	/** Without key hashes and signatures; the digest stays right. Bytes after the image keep their distance from the end. */
	unsigned: ({ bytes, image }) => {
		const kept = image.unprotectedTlvs.filter((tlv) => !isSignature(tlv) && tlv.type !== TLV.KEYHASH);
		const shorter = Buffer.concat([bytes.subarray(0, image.hashedRegion.lengthBytes), encodeTlvArea(TLV_INFO_MAGIC, kept)]);
		if (bytes.length === image.sizeBytes) return new Uint8Array(shorter);
		const whole = new Uint8Array(bytes.length).fill(0xff);
		whole.set(shorter);
		whole.set(bytes.subarray(image.sizeBytes), image.sizeBytes);
		return whole;
	},
	/** What a proxy sends in place of the file. */
	'html-page': () => new TextEncoder().encode('<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n'),
	'too-large': ({ bytes, image, options }) => grow(bytes, { image, slotSizeBytes: options.slotSizeBytes }),
};

/** A payload grown past the slot's end, with sizes and digest made right: only size and signature give it away. */
const grow = (bytes: Uint8Array, subject: { readonly image: Image; readonly slotSizeBytes: number | undefined }): Uint8Array => {
	const { image, slotSizeBytes } = subject;
	if (slotSizeBytes === undefined || !Number.isSafeInteger(slotSizeBytes) || slotSizeBytes < 1) {
		throw new RangeError(`slotSizeBytes: the size of a slot was expected for a too large image, got ${slotSizeBytes}`);
	}
	const { headerSizeBytes, payloadSizeBytes } = image.header;
	const growth = Math.max(4, slotSizeBytes + 1 - image.sizeBytes);
	const payloadEnd = headerSizeBytes + payloadSizeBytes;
	const region = Buffer.concat([bytes.subarray(0, payloadEnd), new Uint8Array(growth), bytes.subarray(payloadEnd, image.hashedRegion.lengthBytes)]);
	region.writeUInt32LE(payloadSizeBytes + growth, HEADER_OFFSETS.imageSize);
	const digest = createHash('sha256').update(region).digest();
	const tlvs = image.unprotectedTlvs.map((tlv) => (tlv.type === TLV.SHA256 ? { type: tlv.type, data: digest } : tlv));
	return new Uint8Array(Buffer.concat([region, encodeTlvArea(TLV_INFO_MAGIC, tlvs)]));
};

const isSignature = (tlv: Tlv): boolean => Object.values(SIGNATURE_TLVS).includes(tlv.type);

const isDigest = (tlv: Tlv): boolean => tlv.type === TLV.SHA256 || tlv.type === TLV.SIG_PURE;

const edit = (bytes: Uint8Array, change: (view: DataView) => void): Uint8Array => {
	const changed = new Uint8Array(bytes);
	change(new DataView(changed.buffer, changed.byteOffset, changed.byteLength));
	return changed;
};

const flipBit = (bytes: Uint8Array, offsetBytes: number): Uint8Array => edit(bytes, (view) => view.setUint8(offsetBytes, view.getUint8(offsetBytes) ^ 1));

const flipIn = (bytes: Uint8Array, tlvs: readonly Tlv[]): Uint8Array =>
	edit(bytes, (view) => {
		for (const tlv of tlvs) {
			if (tlv.data.length === 0) continue;
			const offset = tlv.offsetBytes + TLV_HEADER_SIZE + (tlv.data.length >> 1);
			view.setUint8(offset, view.getUint8(offset) ^ 1);
		}
	});
