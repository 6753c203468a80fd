import type { SigningKey, VerifyingKey } from './key.js';
import { judgeJson, readSignedJson, signJson } from './signed-json.js';

/**
 * What whoever signs releases says of one image, so that the update service need not be believed: which hardware it is for, and
 * until when it may be begun. Against freeze and mix-and-match attacks (TUF, 1.5.2; SUIT, THREAT.IMG.EXPIRED in RFC 9124).
 */
export interface ReleaseStatement {
	readonly hardware: string;
	readonly version: string;
	/** SHA-256 of the image, hex. */
	readonly digest: string;
	/** Seconds since the epoch from which on it is stale; absent: it never is. */
	readonly expiresS?: number;
}

/** A statement as it is sent: JSON of `hardware`, `version`, `digest`, `expires` and a signature over those four, in that order, null for none. */
export const encodeStatement = (statement: ReleaseStatement, signer: SigningKey): string => {
	const { hardware, version, digest, expiresS } = statement;
	return JSON.stringify({ hardware, version, digest, ...(expiresS === undefined ? {} : { expires: expiresS }), ...signJson(contentOf(statement), signer) });
};

/** Reads a statement that one of the keys signed; in place of one, why it is none. */
export const readStatement = (document: string, keys: readonly VerifyingKey[]): ReleaseStatement | string => {
	const { hardware, version, digest, expires, signedBy, signature } = readSignedJson(document);
	const isWhole = typeof hardware === 'string' && typeof version === 'string' && typeof digest === 'string';
	if (!isWhole || signedBy === undefined || signature === undefined || (expires !== undefined && !Number.isSafeInteger(expires)))
		return 'a signed document of hardware, version, digest and expires was expected';
	const statement = { hardware, version, digest, ...(expires === undefined ? {} : { expiresS: expires as number }) };
	const verdict = judgeJson(contentOf(statement), { signedBy, signature, keys });
	if (verdict === 'stranger') return 'it is signed by none of the keys';
	return verdict === 'wrong' ? 'its signature does not match' : statement;
};

const contentOf = ({ hardware, version, digest, expiresS }: ReleaseStatement): unknown => [hardware, version, digest, expiresS ?? null];
