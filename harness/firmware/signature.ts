import { constants, sign, verify } from 'node:crypto';
import type { KeyKind, SigningKey, VerifyingKey } from './key.js';
import { TLV } from './tlv.js';

/** The TLV that carries a signature of each kind of key. */
export const SIGNATURE_TLVS: Readonly<Record<KeyKind, number>> = {
	ed25519: TLV.ED25519,
	'ecdsa-p256': TLV.ECDSASIG,
	'rsa-2048': TLV.RSA2048,
	'rsa-3072': TLV.RSA3072,
};

const FIXED_LENGTHS: Readonly<Partial<Record<KeyKind, number>>> = { ed25519: 64, 'rsa-2048': 256, 'rsa-3072': 384 };
/** bootutil reads an ECDSA signature into a buffer of this size. */
const ECDSA_LIMIT = 128;

/** What a signature is made over: the hashed region and its SHA-256, of which each kind of key signs one. */
export interface SignedContent {
	readonly region: Uint8Array;
	readonly digest: Uint8Array;
	/** The image is signed `--pure`: ed25519 signs the region itself in place of its digest. */
	readonly pure?: boolean;
}

/** A signature as MCUboot expects it: ed25519 over the digest, ECDSA in DER and RSA-PSS (MGF1 and salt of SHA-256) over the region. */
export const signContent = (content: SignedContent, key: SigningKey): Uint8Array => {
	if (key.kind === 'ed25519') return new Uint8Array(sign(null, content.pure === true ? content.region : content.digest, key.privateKey));
	if (key.kind === 'ecdsa-p256') return new Uint8Array(sign('sha256', content.region, { key: key.privateKey, dsaEncoding: 'der' }));
	return new Uint8Array(sign('sha256', content.region, { key: key.privateKey, ...PSS }));
};

/** Whether a signature TLV's length can be one of this kind at all; bootutil refuses the image where it cannot. */
export const isSignatureLength = (lengthBytes: number, kind: KeyKind): boolean => {
	const fixed = FIXED_LENGTHS[kind];
	return fixed === undefined ? lengthBytes <= ECDSA_LIMIT : lengthBytes === fixed;
};

export const isSignatureOf = (signature: Uint8Array, by: { readonly content: SignedContent; readonly key: VerifyingKey }): boolean => {
	const { content, key } = by;
	if (key.kind === 'ed25519' && content.pure === true) return verify(null, content.region, key.publicKey, signature);
	if (key.kind === 'ed25519') return isKnownSignature(signature, { digest: content.digest, key });
	if (key.kind === 'ecdsa-p256') return verify('sha256', content.region, { key: key.publicKey, dsaEncoding: 'der' }, stripPadding(signature));
	return verify('sha256', content.region, { key: key.publicKey, ...PSS }, signature);
};

/** Worlds of one seed check the same signatures, and fleets many times. */
const KNOWN = new Map<string, boolean>();
const MOST_KNOWN = 256;

/** What is checked is all in the name: key, digest and signature. */
const isKnownSignature = (signature: Uint8Array, { digest, key }: { readonly digest: Uint8Array; readonly key: VerifyingKey }): boolean => {
	const name = [key.keyHash, digest, signature].map((bytes) => Buffer.from(bytes).toString('base64')).join(' ');
	const known = KNOWN.get(name) ?? verify(null, digest, key.publicKey, signature);
	KNOWN.set(name, known);
	for (const oldest of KNOWN.keys()) {
		if (KNOWN.size <= MOST_KNOWN) break;
		KNOWN.delete(oldest);
	}
	return known;
};

/**
 * imgtool's `--pad-sig` appends zeros to an ECDSA signature. bootutil's backends differ on what follows the DER: TinyCrypt ignores it,
 * Mbed TLS refuses it. Zeros are what a genuine image can hold, so they pass; anything else is refused.
 */
const stripPadding = (signature: Uint8Array): Uint8Array => {
	const derLength = 2 + (signature[1] ?? 0);
	return signature.subarray(derLength).every((byte) => byte === 0) ? signature.subarray(0, derLength) : signature;
};

const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } as const;
