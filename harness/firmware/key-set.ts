import { parseVerifyingKey, type SigningKey, type VerifyingKey } from './key.js';
import { type JsonSignature, judgeJson, readSignedJson, signJson } from './signed-json.js';

/** The keys that images may be signed with: one link of a chain that begins with what a device left the factory with. */
export interface KeySet {
	/** The factory's is 1. */
	readonly version: number;
	readonly keys: readonly VerifyingKey[];
}

/** A key set as it is sent: JSON of `version`, `keys` (SubjectPublicKeyInfo, base64), and a signature over `[version, keys]`. */
export const encodeKeySet = ({ version, keys }: KeySet, signer: SigningKey): string => {
	const encoded = keys.map(encodePublicKey);
	return JSON.stringify({ version, keys: encoded, ...signJson([version, encoded], signer) });
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
		const verdict = judgeJson([read.version, read.encoded], { ...read, keys: keySet.keys });
		if (verdict === 'stranger') return { keySet, objection: `${name}: it is signed by a key that is not of set ${keySet.version}` };
		if (verdict === 'wrong') return { keySet, objection: `${name}: its signature does not match` };
		keySet = { version: read.version, keys: read.encoded.map((key) => parseVerifyingKey(new Uint8Array(Buffer.from(key, 'base64')))) };
	}
	return { keySet };
};

interface ReadKeySet extends JsonSignature {
	readonly version: number;
	readonly encoded: readonly string[];
}

/** Undefined for what is no document of a key set. */
const readKeySet = (document: string): ReadKeySet | undefined => {
	const { version, keys, signedBy, signature } = readSignedJson(document);
	if (signedBy === undefined || signature === undefined) return undefined;
	if (!(Number.isSafeInteger(version) && Array.isArray(keys) && keys.length > 0 && keys.every((key) => typeof key === 'string'))) return undefined;
	return { version: version as number, encoded: keys as readonly string[], signedBy, signature };
};
