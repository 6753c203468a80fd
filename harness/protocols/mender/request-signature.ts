import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/**
 * The X-MEN-Signature of a body (Mender, device authentication): base64 of RSA PKCS#1 v1.5 or of ECDSA in DER, both over SHA-256, or
 * of Ed25519 over the body itself.
 */
export const signRequest = (body: Uint8Array, privateKey: KeyObject): string => sign(algorithmOf(privateKey) ?? null, body, privateKey).toString('base64');

/** Whether a body was signed by the key that it names itself, in PEM. A key of another kind, or none, signs nothing. */
export const isRequestSigned = (body: Uint8Array, { signature, pubkey }: { readonly signature: string; readonly pubkey: string }): boolean => {
	try {
		const key = createPublicKey(pubkey);
		const algorithm = algorithmOf(key);
		return algorithm !== undefined && verify(algorithm, body, key, Buffer.from(signature, 'base64'));
	} catch {
		// No key in PEM, or no signature of its kind: not signed.
		return false;
	}
};

const algorithmOf = ({ asymmetricKeyType }: KeyObject): 'sha256' | null | undefined =>
	asymmetricKeyType === 'rsa' || asymmetricKeyType === 'ec' ? 'sha256' : asymmetricKeyType === 'ed25519' ? null : undefined;
