import { createHash } from 'node:crypto';
import { formatHex, IMAGE_FLAGS, namesOfFlags } from './header.js';
import { DEPENDENCY_SIZE, type Image, parseImage, readCounter, UUID_SIZE } from './image.js';
import { ImageError } from './image-error.js';
import type { VerifyingKey } from './key.js';
import { reject, type Rejection } from './rejection.js';
import { SIGNATURE_TLVS, type SignedContent } from './signature.js';
import { SignatureCheck } from './signature-check.js';
import { TLV, TLV_HEADER_SIZE, type Tlv } from './tlv.js';
import { trailerSizeBytes } from './trailer.js';
import { formatUuid } from './uuid.js';
import { compareVersions, formatVersion, type Version } from './version.js';

/** What an image is held against. Only `keys` is always asked for; each further check applies where its option is given. */
export interface VerifyOptions {
	readonly keys: readonly VerifyingKey[];
	/** Bounds the bytes, and image with trailer. */
	readonly slotSizeBytes?: number;
	/** The flash's write size, which the trailer's size follows. Default 4. */
	readonly writeSizeBytes?: number;
	/** MCUBOOT_USE_TLV_ALLOW_LIST: refuses unprotected TLVs that are not needed to check the image. Default false, as in bootutil. */
	readonly unprotectedTlvAllowList?: boolean;
	/** MCUBOOT_SIGN_PURE: signatures are over the image itself and SIG_PURE must be there. Default false; ed25519 only. */
	readonly pure?: boolean;
	/** UUID that every UUID_VID must equal; one must be there. */
	readonly vendorId?: Uint8Array;
	/** UUID that every UUID_CID must equal; one must be there. */
	readonly classId?: Uint8Array;
	/** Every SEC_CNT must reach it; one must be there. As in bootutil, unprotected ones count unless the allow-list is on. */
	readonly minimumSecurityCounter?: number;
	/** The version that must not be undercut; its build number is not compared. */
	readonly minimumVersion?: Version;
	/** Versions of the other images by image id, which dependencies are held against. */
	readonly installed?: ReadonlyMap<number, Version>;
}

export type Verdict = { readonly accepted: true; readonly image: Image } | Rejection;

/**
 * Judges an image as MCUboot's bootutil does with its default options: header, flags, then every TLV in file order.
 * Bytes after the TLVs are covered by nothing and may be anything. Throws only on wrong options, never because of the bytes.
 */
export const verifyImage = (bytes: Uint8Array, options: VerifyOptions): Verdict => {
	assertOptions(options);
	let image: Image;
	try {
		image = parseImage(bytes);
	} catch (error) {
		if (!(error instanceof ImageError)) throw error;
		return reject(error.code, { field: error.field, reason: error.message });
	}
	const rejection =
		checkSize(bytes, { image, options }) ??
		checkFlags(image) ??
		checkTlvs(bytes, { image, options }) ??
		checkVersion(image, options) ??
		checkDependencies(image, options);
	return rejection ?? { accepted: true, image };
};

const assertOptions = (options: VerifyOptions): void => {
	for (const name of ['slotSizeBytes', 'minimumSecurityCounter'] as const) {
		const value = options[name];
		if (value !== undefined && (!Number.isSafeInteger(value) || value < 0)) throw new RangeError(`${name}: a whole number was expected, got ${value}`);
	}
	for (const name of ['vendorId', 'classId'] as const) {
		const uuid = options[name];
		if (uuid !== undefined && uuid.length !== UUID_SIZE) throw new RangeError(`${name}: a UUID of 16 bytes was expected, got ${uuid.length}`);
	}
};

const checkSize = (bytes: Uint8Array, subject: { readonly image: Image; readonly options: VerifyOptions }): Rejection | undefined => {
	const { image, options } = subject;
	if (options.slotSizeBytes === undefined) return undefined;
	const trailerBytes = trailerSizeBytes(options.writeSizeBytes === undefined ? {} : { writeSizeBytes: options.writeSizeBytes });
	if (image.sizeBytes + trailerBytes > options.slotSizeBytes) {
		const reason = `image size ${image.sizeBytes} with a trailer of ${trailerBytes} exceeds the slot size ${options.slotSizeBytes}`;
		return reject('too-large', { field: 'header.imageSize', reason: `header.imageSize: ${reason}` });
	}
	if (bytes.length > options.slotSizeBytes) {
		return reject('too-large', { field: 'size', reason: `size: ${bytes.length} bytes exceed the slot size ${options.slotSizeBytes}` });
	}
	return undefined;
};

const REFUSED_FLAGS =
	IMAGE_FLAGS.NON_BOOTABLE | IMAGE_FLAGS.ENCRYPTED_AES128 | IMAGE_FLAGS.ENCRYPTED_AES256 | IMAGE_FLAGS.COMPRESSED_LZMA1 | IMAGE_FLAGS.COMPRESSED_LZMA2;

const checkFlags = (image: Image): Rejection | undefined => {
	const refused = image.header.flags & REFUSED_FLAGS;
	if (refused === 0) return undefined;
	return reject('not-bootable', { field: 'header.flags', reason: `header.flags: ${namesOfFlags(refused).join(', ')} cannot be booted by default options` });
};

const ENCRYPTION_TLVS: readonly number[] = [TLV.ENC_RSA2048, TLV.ENC_KW, TLV.ENC_EC256, TLV.ENC_X25519];

/** The loop of bootutil_img_validate. */
const checkTlvs = (bytes: Uint8Array, subject: { readonly image: Image; readonly options: VerifyOptions }): Rejection | undefined => {
	const { image, options } = subject;
	const region = bytes.subarray(0, image.hashedRegion.lengthBytes);
	const content = { region, digest: createHash('sha256').update(region).digest(), pure: options.pure === true };
	const tlvs = [...image.protectedTlvs, ...image.unprotectedTlvs];
	if (content.pure && !tlvs.some((tlv) => tlv.type === TLV.SIG_PURE && tlv.data.length === 1 && tlv.data[0] === 1)) {
		return reject('bad-signature', { field: 'SIG_PURE', reason: 'SIG_PURE: a pure signature is demanded, the image is not marked as having one' });
	}
	const allowed = options.unprotectedTlvAllowList === true ? allowList(options) : undefined;
	const signatures = new SignatureCheck(content, options.keys);
	for (const tlv of tlvs) {
		// bootutil tells the areas apart by where the data begins, not the TLV.
		const isProtected = tlv.offsetBytes + TLV_HEADER_SIZE < image.hashedRegion.lengthBytes;
		if (allowed !== undefined && !isProtected && !allowed.includes(tlv.type)) {
			return reject('tlv-not-allowed', { field: tlv.name, reason: `${tlv.name} at ${formatHex(tlv.offsetBytes)}: not allowed in the unprotected area` });
		}
		const rejection = checkHash(tlv, content) ?? signatures.see(tlv) ?? checkHardware(tlv, options) ?? checkCounter(tlv, options);
		if (rejection !== undefined) return rejection;
	}
	const has = (type: number) => tlvs.some((tlv) => tlv.type === type);
	if (!content.pure && !has(TLV.SHA256)) return reject('bad-hash', { field: 'SHA256', reason: 'SHA256: the image carries no digest' });
	return signatures.finish(tlvs) ?? missingTlv(has, options);
};

const allowList = (options: VerifyOptions): readonly number[] => [
	TLV.KEYHASH,
	...(options.pure === true ? [TLV.SIG_PURE] : [TLV.SHA256]),
	...options.keys.map((key) => SIGNATURE_TLVS[key.kind]),
	...ENCRYPTION_TLVS,
];

const checkHash = (tlv: Tlv, content: SignedContent): Rejection | undefined => {
	if (tlv.type !== TLV.SHA256 || content.pure === true) return undefined;
	if (tlv.data.length !== content.digest.length) {
		return reject('bad-hash', { field: 'SHA256', reason: `SHA256: a digest of 32 bytes was expected, got ${tlv.data.length}` });
	}
	if (isEqual(tlv.data, content.digest)) return undefined;
	return reject('bad-hash', { field: 'SHA256', reason: `SHA256: the image's digest is ${hex(content.digest)}, its TLV says ${hex(tlv.data)}` });
};

const checkHardware = (tlv: Tlv, options: VerifyOptions): Rejection | undefined => {
	const wanted = tlv.type === TLV.UUID_VID ? options.vendorId : tlv.type === TLV.UUID_CID ? options.classId : undefined;
	if (wanted === undefined || isEqual(tlv.data, wanted)) return undefined;
	const found = tlv.data.length === UUID_SIZE ? formatUuid(tlv.data) : `${tlv.data.length} bytes`;
	return reject('other-hardware', { field: tlv.name, reason: `${tlv.name}: this hardware is ${formatUuid(wanted)}, the image is for ${found}` });
};

const checkCounter = (tlv: Tlv, options: VerifyOptions): Rejection | undefined => {
	if (tlv.type !== TLV.SEC_CNT || options.minimumSecurityCounter === undefined) return undefined;
	if (tlv.data.length !== 4) return reject('security-counter', { field: 'SEC_CNT', reason: `SEC_CNT: 4 bytes were expected, got ${tlv.data.length}` });
	const counter = readCounter(tlv.data);
	if (counter >= options.minimumSecurityCounter) return undefined;
	return reject('security-counter', { field: 'SEC_CNT', reason: `SEC_CNT: at least ${options.minimumSecurityCounter} was expected, got ${counter}` });
};

const missingTlv = (has: (type: number) => boolean, options: VerifyOptions): Rejection | undefined => {
	if (options.minimumSecurityCounter !== undefined && !has(TLV.SEC_CNT)) {
		return reject('security-counter', { field: 'SEC_CNT', reason: 'SEC_CNT: a security counter is demanded, the image has none' });
	}
	const missing =
		options.vendorId !== undefined && !has(TLV.UUID_VID) ? 'UUID_VID' : options.classId !== undefined && !has(TLV.UUID_CID) ? 'UUID_CID' : undefined;
	if (missing === undefined) return undefined;
	return reject('other-hardware', { field: missing, reason: `${missing}: the image does not say which hardware it is for` });
};

const checkVersion = (image: Image, options: VerifyOptions): Rejection | undefined => {
	const { version } = image.header;
	if (options.minimumVersion === undefined || compareVersions(version, options.minimumVersion) >= 0) return undefined;
	const reason = `header.version: ${formatVersion(version)} is older than ${formatVersion(options.minimumVersion)}`;
	return reject('downgrade', { field: 'header.version', reason });
};

/** boot_verify_slot_dependencies: protected entries only, in file order, builds not compared. */
const checkDependencies = (image: Image, options: VerifyOptions): Rejection | undefined => {
	if (options.installed === undefined) return undefined;
	const refuse = (reason: string) => reject('dependency-not-met', { field: 'DEPENDENCY', reason: `DEPENDENCY: ${reason}` });
	const odd = image.protectedTlvs.find((tlv) => tlv.type === TLV.DEPENDENCY && tlv.data.length !== DEPENDENCY_SIZE);
	if (odd !== undefined) return refuse(`${DEPENDENCY_SIZE} bytes were expected, got ${odd.data.length}`);
	for (const { imageId, version } of image.dependencies) {
		const found = options.installed.get(imageId);
		if (found === undefined) return refuse(`image ${imageId} of at least ${formatVersion(version)} is needed, there is none`);
		if (compareVersions(found, version) < 0)
			return refuse(`image ${imageId} of at least ${formatVersion(version)} is needed, ${formatVersion(found)} is there`);
	}
	return undefined;
};

const isEqual = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
