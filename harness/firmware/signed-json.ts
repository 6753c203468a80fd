import { createHash } from 'node:crypto';
import type { SigningKey, VerifyingKey } from './key.js';
import { isSignatureOf, type SignedContent, signContent } from './signature.js';

/** A signature over a value's JSON, made as that kind of key signs an image. */
export interface JsonSignature {
	/** The SHA-256 that KEYHASH would carry, hex. */
	readonly signedBy: string;
	/** Base64. */
	readonly signature: string;
}

export const signJson = (value: unknown, signer: SigningKey): JsonSignature => ({
	signedBy: hashOf(signer.verifyingKey),
	signature: Buffer.from(signContent(contentOf(value), signer)).toString('base64'),
});

/** `stranger`: it is signed by none of the keys. */
export const judgeJson = (
	value: unknown,
	{ signedBy, signature, keys }: JsonSignature & { readonly keys: readonly VerifyingKey[] },
): 'good' | 'wrong' | 'stranger' => {
	const key = keys.find((candidate) => hashOf(candidate) === signedBy);
	if (key === undefined) return 'stranger';
	return isSignatureOf(new Uint8Array(Buffer.from(signature, 'base64')), { content: contentOf(value), key }) ? 'good' : 'wrong';
};

/** The members of a document in JSON that has a signature; none for what is no such document. */
export const readSignedJson = (document: string): Partial<JsonSignature> & Readonly<Record<string, unknown>> => {
	let value: unknown;
	try {
		value = JSON.parse(document);
	} catch {
		// Not JSON: no such document.
		return {};
	}
	if (typeof value !== 'object' || value === null) return {};
	const { signedBy, signature } = value as Readonly<Record<string, unknown>>;
	return typeof signedBy === 'string' && typeof signature === 'string' ? { ...value, signedBy, signature } : {};
};

const hashOf = ({ keyHash }: VerifyingKey): string => Buffer.from(keyHash).toString('hex');

const contentOf = (value: unknown): SignedContent => {
	const region = Buffer.from(JSON.stringify(value));
	return { region, digest: createHash('sha256').update(region).digest() };
};
