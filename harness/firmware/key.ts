import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/** The signatures MCUboot knows, by imgtool's names. */
export type KeyKind = 'ed25519' | 'ecdsa-p256' | 'rsa-2048' | 'rsa-3072';

/** A public key that images are held against. */
export interface VerifyingKey {
	readonly kind: KeyKind;
	/** SHA-256 of the key as bootutil stores it: SubjectPublicKeyInfo for ed25519 and EC, PKCS#1 for RSA. What KEYHASH carries. */
	readonly keyHash: Uint8Array;
	readonly publicKey: KeyObject;
}

/** A private key that images are signed with. */
export interface SigningKey {
	readonly kind: KeyKind;
	readonly privateKey: KeyObject;
	readonly verifyingKey: VerifyingKey;
}

/**
 * Reads a public key, PEM or DER; a private key gives its public half, as imgtool does.
 * Throws a TypeError that says what was found where it is no key, or not of a kind MCUboot knows.
 */
export const parseVerifyingKey = (pemOrDer: string | Uint8Array): VerifyingKey => describePublicKey(readPublicKey(pemOrDer));

/** Reads a private key in PEM (PKCS#8, SEC1 or PKCS#1), not encrypted. Throws a TypeError as parseVerifyingKey does. */
export const parseSigningKey = (pem: string | Uint8Array): SigningKey => {
	const text = typeof pem === 'string' ? pem : Buffer.from(pem).toString('latin1');
	if (/^-----BEGIN PUBLIC KEY-----/m.test(text)) throw new TypeError('key: a private key was expected, got a public key');
	let privateKey: KeyObject;
	try {
		privateKey = createPrivateKey(text);
	} catch (error) {
		throw new TypeError(`key: a private key in PEM, not encrypted, was expected, got ${describeInput(text)}`, { cause: error });
	}
	return describePrivateKey(privateKey);
};

/** An ed25519 key made from 32 bytes: the same seed gives the same key, and the same signatures. */
export const createSigningKey = (seed: Uint8Array): SigningKey => {
	if (seed.length !== 32) throw new RangeError(`seed: 32 bytes were expected, got ${seed.length}`);
	// PKCS#8 of an ed25519 key (RFC 8410) is this prefix and the seed.
	const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
	return describePrivateKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
};

const describePrivateKey = (privateKey: KeyObject): SigningKey => {
	const verifyingKey = describePublicKey(createPublicKey(privateKey));
	return { kind: verifyingKey.kind, privateKey, verifyingKey };
};

const describePublicKey = (publicKey: KeyObject): VerifyingKey => {
	const kind = kindOf(publicKey);
	const isRsa = kind === 'rsa-2048' || kind === 'rsa-3072';
	// An EC point may have come compressed; the round trip through JWK gives the uncompressed one that bootutil stores.
	const canonical = kind === 'ecdsa-p256' ? createPublicKey({ key: publicKey.export({ format: 'jwk' }), format: 'jwk' }) : publicKey;
	const der = canonical.export({ type: isRsa ? 'pkcs1' : 'spki', format: 'der' });
	return { kind, keyHash: new Uint8Array(createHash('sha256').update(der).digest()), publicKey: canonical };
};

const kindOf = (key: KeyObject): KeyKind => {
	const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
	if (key.asymmetricKeyType === 'ed25519') return 'ed25519';
	if (key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') return 'ecdsa-p256';
	if (key.asymmetricKeyType === 'rsa' && modulusLength === 2048) return 'rsa-2048';
	if (key.asymmetricKeyType === 'rsa' && modulusLength === 3072) return 'rsa-3072';
	const found = [key.asymmetricKeyType, namedCurve ?? modulusLength].filter((part) => part !== undefined).join(' ');
	throw new TypeError(`key: ed25519, ecdsa-p256, rsa-2048 or rsa-3072 was expected, got ${found}`);
};

const readPublicKey = (input: string | Uint8Array): KeyObject => {
	const text = typeof input === 'string' ? input : Buffer.from(input).toString('latin1');
	const attempts: (() => KeyObject)[] = /-----BEGIN /.test(text)
		? [() => createPublicKey(text)]
		: typeof input === 'string'
			? []
			: [
					() => createPublicKey({ key: Buffer.from(input), format: 'der', type: 'spki' }),
					() => createPublicKey({ key: Buffer.from(input), format: 'der', type: 'pkcs1' }),
				];
	let cause: unknown;
	for (const attempt of attempts) {
		try {
			return attempt();
		} catch (error) {
			cause = error;
		}
	}
	throw new TypeError(`key: a public key in PEM or DER was expected, got ${describeInput(text)}`, { cause });
};

const describeInput = (text: string): string => {
	const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(text)?.[1];
	return label === undefined ? `${text.length} bytes that are no PEM` : `a PEM block ${JSON.stringify(label)} that cannot be read`;
};
