import { type KeyObject, sign, verify } from 'node:crypto';

/** What a token says: `sub` is the device, times are in seconds since the epoch (RFC 7519, 4.1). */
export interface MenderToken {
	readonly jti: string;
	readonly sub: string;
	readonly exp: number;
}

const HEADER = Buffer.from(JSON.stringify({ alg: 'EdDSA', typ: 'JWT' })).toString('base64url');

/** A JWT as Mender's server issues it, signed with Ed25519 (RFC 8037). To a client it is a text without meaning. */
export const issueToken = ({ jti, sub, exp }: MenderToken, privateKey: KeyObject): string => {
	const claims = { jti, sub, exp, iss: 'Mender', scp: 'mender.device', 'mender.device': true };
	const signed = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
	return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`;
};

/** Undefined for one that was not issued by this key, or is over. */
export const readToken = (token: string, { publicKey, nowS }: { readonly publicKey: KeyObject; readonly nowS: number }): MenderToken | undefined => {
	const [header, claims, signature, ...more] = token.split('.');
	if (header !== HEADER || claims === undefined || signature === undefined || more.length > 0) return undefined;
	if (!verify(null, Buffer.from(`${header}.${claims}`), publicKey, Buffer.from(signature, 'base64url'))) return undefined;
	const found = JSON.parse(Buffer.from(claims, 'base64url').toString()) as MenderToken;
	return found.exp > nowS ? found : undefined;
};
