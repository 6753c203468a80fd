import { createHash } from 'node:crypto';
import { parseVerifyingKey, type SigningKey, type VerifyingKey } from './key.js';
import { isSignatureOf, signContent } from './signature.js';

/** The keys that images may be signed with: one link of a chain that begins with what a device left the factory with. */
export interface KeySet {
	/** The factory's is 1. */
	readonly version: number;
	readonly keys: readonly VerifyingKey[];
}

/**
 * A key set as it is sent: JSON of `version`, `keys` (SubjectPublicKeyInfo, base64), `signedBy` (the SHA-256 that KEYHASH would
 * carry, hex) and `signature` (base64) over `[version, keys]` as JSON, made as that kind of key signs an image.
 */
export const encodeKeySet = ({ version, keys }: KeySet, signer: SigningKey): string => {
	const encoded = keys.map(encodePublicKey);
	const signature = Buffer.from(signContent(contentOf(version, encoded), signer)).toString('base64');
	return JSON.stringify({ version, keys: encoded, signedBy: Buffer.from(signer.verifyingKey.keyHash).toString('hex'), signature });
};

export const encodePublicKey = ({ publicKey }: VerifyingKey): string => publicKey.export({ type: 'spki', format: 'der' }).toString('base64');

/**
 * Follows key sets from the one that is trusted as far as each is the next and is signed by a key of the one before it, as TUF
 * does with its root (5.3 of its specification); sets that were followed before are passed over. `objection`: why the chain
 * ends before its last document.
 */
export const followKeySets = (trusted: KeySet, documents: readonly string[]): { readonly keySet: KeySet; readonly objection?: string } => {
	let keySet = trusted;
	for (const document of documents) {
		const read = readKeySet(document);
		if (read === undefined) return { keySet, objection: 'key set: a document of one was expected' };
		if (read.version <= keySet.version) continue;
		const name = `key set ${read.version}`;
		if (read.version !== keySet.version + 1) return { keySet, objection: `${name}: set ${keySet.version + 1} was expected after ${keySet.version}` };
		const signer = keySet.keys.find(({ keyHash }) => Buffer.from(keyHash).toString('hex') === read.signedBy);
		if (signer === undefined) return { keySet, objection: `${name}: it is signed by a key that is not of set ${keySet.version}` };
		if (!isSignatureOf(read.signature, { content: contentOf(read.version, read.encoded), key: signer }))
			return { keySet, objection: `${name}: its signature does not match` };
		keySet = { version: read.version, keys: read.encoded.map((key) => parseVerifyingKey(new Uint8Array(Buffer.from(key, 'base64')))) };
	}
	return { keySet };
};

const contentOf = (version: number, keys: readonly string[]): { readonly region: Uint8Array; readonly digest: Uint8Array } => {
	const region = Buffer.from(JSON.stringify([version, keys]));
	return { region, digest: createHash('sha256').update(region).digest() };
};

interface ReadKeySet {
	readonly version: number;
	readonly encoded: readonly string[];
	readonly signedBy: string;
	readonly signature: Uint8Array;
}

/** Undefined for what is no document of a key set. */
const readKeySet = (document: string): ReadKeySet | undefined => {
	let value: unknown;
	try {
		value = JSON.parse(document);
	} catch {
		// Not JSON: no key set.
		return undefined;
	}
	if (typeof value !== 'object' || value === null) return undefined;
	const { version, keys, signedBy, signature } = value as Readonly<Record<string, unknown>>;
	if (!(Number.isSafeInteger(version) && Array.isArray(keys) && keys.length > 0 && keys.every((key) => typeof key === 'string'))) return undefined;
	if (typeof signedBy !== 'string' || typeof signature !== 'string') return undefined;
	return { version: version as number, encoded: keys as readonly string[], signedBy, signature: new Uint8Array(Buffer.from(signature, 'base64')) };
};
