import { createHash } from 'node:crypto';
import { encodeHeader, IMAGE_HEADER_SIZE, IMAGE_MAGIC, writeVersion } from './header.js';
import { DEPENDENCY_SIZE, type ImageDependency, UUID_SIZE } from './image.js';
import type { SigningKey } from './key.js';
import { SIGNATURE_TLVS, signContent } from './signature.js';
import { encodeTlvArea, TLV, TLV_INFO_MAGIC, TLV_PROTECTED_INFO_MAGIC, type TlvContent, tlvAreaSize } from './tlv.js';
import { encodeTrailer, type TrailerShape } from './trailer.js';
import { assertVersion, type Version } from './version.js';

/** What goes into an image; the names of imgtool's options are given where they differ. */
export interface BuildOptions {
	readonly version: Version;
	readonly payload: Uint8Array;
	/** `--header-size`, with `--pad-header`: 32 to 65535. Default 0x200. */
	readonly headerSizeBytes?: number;
	readonly flags?: number;
	readonly loadAddress?: number;
	/** 0 to 0xffffffff, or `auto`: derived from the version as imgtool does. */
	readonly securityCounter?: number | 'auto';
	readonly dependencies?: readonly ImageDependency[];
	/** 16 bytes, `--vid`; see vendorIdOf. */
	readonly vendorId?: Uint8Array;
	/** 16 bytes, `--cid`; see classIdOf. */
	readonly classId?: Uint8Array;
	/** `--custom-tlv`: further protected TLVs, after all others. */
	readonly vendorTlvs?: readonly TlvContent[];
	/** Unprotected TLVs after the signature: nothing signs them. */
	readonly unprotectedExtra?: readonly TlvContent[];
	/** Absent: the image carries its digest and no signature. */
	readonly key?: SigningKey;
	/** Signs the image itself in place of its digest (`--pure`), without a digest TLV. ed25519 only. */
	readonly pure?: boolean;
	/** Fills up to a whole slot with its trailer: asks for a trial, or with `confirm` for good. */
	readonly pad?: TrailerShape & { readonly slotSizeBytes: number; readonly confirm?: boolean };
	/** Value of erased flash, for the header's padding and the slot's rest. Default 0xff. */
	readonly erasedValue?: number;
}

export const BUILD_DEFAULTS = { headerSizeBytes: 0x200, erasedValue: 0xff } as const;

/**
 * Writes an MCUboot image, byte for byte as imgtool writes it for the same inputs (ECDSA and RSA signatures differ each time they are made).
 * Throws a RangeError that names the option where a value does not fit its field, or the image its slot.
 */
export const buildImage = (options: BuildOptions): Uint8Array => {
	assertOptions(options);
	const headerSizeBytes = options.headerSizeBytes ?? BUILD_DEFAULTS.headerSizeBytes;
	const erasedValue = options.erasedValue ?? BUILD_DEFAULTS.erasedValue;
	const protectedTlvs = listProtectedTlvs(options);
	const protectedTlvSizeBytes = protectedTlvs.length === 0 ? 0 : tlvAreaSize(protectedTlvs);
	const region = new Uint8Array(headerSizeBytes + options.payload.length + protectedTlvSizeBytes);
	region.fill(erasedValue, 0, headerSizeBytes);
	const header = {
		magic: IMAGE_MAGIC,
		loadAddress: options.loadAddress ?? 0,
		headerSizeBytes,
		protectedTlvSizeBytes,
		payloadSizeBytes: options.payload.length,
		flags: options.flags ?? 0,
		version: options.version,
		padding: 0,
	};
	region.set(encodeHeader(header));
	region.set(options.payload, headerSizeBytes);
	if (protectedTlvs.length > 0) region.set(encodeTlvArea(TLV_PROTECTED_INFO_MAGIC, protectedTlvs), headerSizeBytes + options.payload.length);
	const image = Buffer.concat([region, encodeTlvArea(TLV_INFO_MAGIC, listUnprotectedTlvs(region, options))]);
	return options.pad === undefined ? new Uint8Array(image) : padImage(image, { ...options.pad, erasedValue });
};

/** imgtool's order: security counter, dependencies, vendor, class, custom. */
const listProtectedTlvs = (options: BuildOptions): readonly TlvContent[] => {
	const { version, securityCounter, vendorId, classId } = options;
	const tlvs: TlvContent[] = [];
	if (securityCounter !== undefined) tlvs.push({ type: TLV.SEC_CNT, data: encodeCounter(securityCounter === 'auto' ? counterOf(version) : securityCounter) });
	for (const dependency of options.dependencies ?? []) tlvs.push({ type: TLV.DEPENDENCY, data: encodeDependency(dependency) });
	if (vendorId !== undefined) tlvs.push({ type: TLV.UUID_VID, data: vendorId });
	if (classId !== undefined) tlvs.push({ type: TLV.UUID_CID, data: classId });
	return [...tlvs, ...(options.vendorTlvs ?? [])];
};

/** imgtool's order: digest, SIG_PURE, key hash, signature. */
const listUnprotectedTlvs = (region: Uint8Array, options: BuildOptions): readonly TlvContent[] => {
	const { key, pure = false, unprotectedExtra = [] } = options;
	const digest = new Uint8Array(createHash('sha256').update(region).digest());
	const tlvs: TlvContent[] = pure ? [{ type: TLV.SIG_PURE, data: Uint8Array.of(1) }] : [{ type: TLV.SHA256, data: digest }];
	if (key !== undefined) {
		tlvs.push({ type: TLV.KEYHASH, data: key.verifyingKey.keyHash });
		tlvs.push({ type: SIGNATURE_TLVS[key.kind], data: signContent({ region, digest, pure }, key) });
	}
	return [...tlvs, ...unprotectedExtra];
};

const padImage = (
	image: Uint8Array,
	pad: TrailerShape & { readonly slotSizeBytes: number; readonly confirm?: boolean; readonly erasedValue: number },
): Uint8Array => {
	const trailer = encodeTrailer(pad);
	if (!Number.isSafeInteger(pad.slotSizeBytes) || image.length + trailer.length > pad.slotSizeBytes) {
		throw new RangeError(`slotSizeBytes: image size ${image.length} with a trailer of ${trailer.length} exceeds the slot size ${pad.slotSizeBytes}`);
	}
	const slot = new Uint8Array(pad.slotSizeBytes).fill(pad.erasedValue);
	slot.set(image);
	slot.set(trailer, slot.length - trailer.length);
	return slot;
};

/** imgtool's `--security-counter auto`: (major << 24) + (minor << 16) + revision. */
const counterOf = (version: Version): number => version.major * 0x100_0000 + version.minor * 0x1_0000 + version.revision;

const encodeCounter = (counter: number): Uint8Array => {
	const data = new Uint8Array(4);
	new DataView(data.buffer).setUint32(0, counter, true);
	return data;
};

const encodeDependency = (dependency: ImageDependency): Uint8Array => {
	const data = new Uint8Array(DEPENDENCY_SIZE);
	const view = new DataView(data.buffer);
	view.setUint8(0, dependency.imageId);
	writeVersion(view, { offsetBytes: 4, version: dependency.version });
	return data;
};

const assertOptions = (options: BuildOptions): void => {
	const { headerSizeBytes = BUILD_DEFAULTS.headerSizeBytes, securityCounter = 0, erasedValue = BUILD_DEFAULTS.erasedValue, vendorId, classId } = options;
	assertVersion(options.version);
	assertRange('headerSizeBytes', { value: headerSizeBytes, min: IMAGE_HEADER_SIZE, max: 0xffff });
	assertRange('flags', { value: options.flags ?? 0, min: 0, max: 0xffff_ffff });
	assertRange('loadAddress', { value: options.loadAddress ?? 0, min: 0, max: 0xffff_ffff });
	if (securityCounter !== 'auto') assertRange('securityCounter', { value: securityCounter, min: 0, max: 0xffff_ffff });
	assertRange('erasedValue', { value: erasedValue, min: 0, max: 0xff });
	for (const dependency of options.dependencies ?? []) {
		assertRange('dependency imageId', { value: dependency.imageId, min: 0, max: 0xff });
		assertVersion(dependency.version);
	}
	for (const [name, uuid] of Object.entries({ vendorId, classId })) {
		if (uuid !== undefined && uuid.length !== UUID_SIZE) throw new RangeError(`${name}: a UUID of 16 bytes was expected, got ${uuid.length}`);
	}
	if (options.pure === true && options.key !== undefined && options.key.kind !== 'ed25519') {
		throw new RangeError(`pure: only ed25519 signs an image itself, got a key of ${options.key.kind}`);
	}
};

const assertRange = (name: string, range: { readonly value: number; readonly min: number; readonly max: number }): void => {
	const { value, min, max } = range;
	if (!Number.isInteger(value) || value < min || value > max) throw new RangeError(`${name}: a whole number from ${min} to ${max} was expected, got ${value}`);
};
