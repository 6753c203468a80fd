import { createHash, generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto';

/** A certificate and its private key, as PEM texts. */
export interface Identity {
	readonly certificate: string;
	readonly key: string;
}

/** An identity that can issue others. */
export interface Authority extends Identity {
	readonly name: string;
	readonly privateKey: KeyObject;
}

export interface Validity {
	readonly fromEpochMs: number;
	readonly untilEpochMs: number;
}

/**
 * Creates a root of its own, ECDSA on P-256, for the service's TLS door: X.509 v3 as of RFC 5280, in the least that TLS
 * stacks ask for. For test benches; keep no real fleet's trust in it.
 */
export const createAuthority = (name: string, validity: Validity): Authority => {
	const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const certificate = encodeCertificate({
		subject: name,
		issuer: name,
		publicKey,
		signer: privateKey,
		validity,
		// Critical basicConstraints, cA true; critical keyUsage keyCertSign and cRLSign.
		extensions: [extension('551d13', sequence(BOOLEAN_TRUE), true), extension('551d0f', der(0x03, Buffer.from([1, 0x06])), true)],
	});
	return { name, privateKey, certificate, key: exportKey(privateKey) };
};

/** Issues a certificate whose common name is `name`; a server's names the hosts (DNS names or IPv4 addresses) it is reached by. */
export const issueIdentity = (authority: Authority, options: Validity & { readonly name: string; readonly hosts?: readonly string[] }): Identity => {
	const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const hosts = options.hosts ?? [];
	const usage = hosts.length > 0 ? '2b06010505070301' : '2b06010505070302';
	const certificate = encodeCertificate({
		subject: options.name,
		issuer: authority.name,
		publicKey,
		signer: authority.privateKey,
		validity: options,
		extensions: [
			extension('551d0f', der(0x03, Buffer.from([7, 0x80])), true),
			extension('551d25', sequence(objectId(usage)), false),
			...(hosts.length > 0 ? [extension('551d11', sequence(...hosts.map(encodeHost)), false)] : []),
		],
	});
	return { certificate, key: exportKey(privateKey) };
};

/** A list of certificates, PEM texts, that their authority calls back: a CertificateList of version 2 as of RFC 5280, 5.1. */
export const issueRevocations = (authority: Authority, { revoked, ...validity }: Validity & { readonly revoked: readonly string[] }): string => {
	const since = encodeTime(validity.fromEpochMs);
	const entries = revoked.map((pem) => sequence(der(0x02, Buffer.from(new X509Certificate(pem).serialNumber, 'hex')), since));
	const body = sequence(
		der(0x02, Buffer.from([1])),
		ECDSA_WITH_SHA256,
		encodeName(authority.name),
		since,
		encodeTime(validity.untilEpochMs),
		// An empty list is left out whole.
		...(entries.length > 0 ? [sequence(...entries)] : []),
		der(0xa0, sequence(extension('551d14', der(0x02, Buffer.from([1])), false))),
	);
	return encodeSigned(body, { signer: authority.privateKey, label: 'X509 CRL' });
};

interface Contents {
	readonly subject: string;
	readonly issuer: string;
	readonly publicKey: KeyObject;
	readonly signer: KeyObject;
	readonly validity: Validity;
	readonly extensions: readonly Buffer[];
}

/** RFC 5280, 4.1: SEQUENCE { tbsCertificate, signatureAlgorithm, signature }. */
const encodeCertificate = ({ subject, issuer, publicKey, signer, validity, extensions }: Contents): string => {
	const publicBytes = publicKey.export({ type: 'spki', format: 'der' });
	// A positive number of 16 bytes that the key decides, so that no two certificates of one issuer share it.
	const serial = createHash('sha256').update(publicBytes).digest().subarray(0, 16);
	serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
	const body = sequence(
		der(0xa0, der(0x02, Buffer.from([2]))),
		der(0x02, serial),
		ECDSA_WITH_SHA256,
		encodeName(issuer),
		sequence(encodeTime(validity.fromEpochMs), encodeTime(validity.untilEpochMs)),
		encodeName(subject),
		publicBytes,
		der(0xa3, sequence(...extensions)),
	);
	return encodeSigned(body, { signer, label: 'CERTIFICATE' });
};

/** SEQUENCE { body, signatureAlgorithm, signature }, as PEM. */
const encodeSigned = (body: Buffer, { signer, label }: { readonly signer: KeyObject; readonly label: string }): string => {
	const signature = sign('sha256', body, signer);
	const whole = sequence(body, ECDSA_WITH_SHA256, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
	const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
	return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
};

/** One DER value: tag, length (short form below 128, else the count of its bytes first), contents. */
const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
	const contents = Buffer.concat(parts);
	const length = contents.length;
	const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
	if (length > 0xffff) throw new RangeError(`certificate: at most 65,535 bytes were expected, got ${length}`);
	return Buffer.concat([Buffer.from([tag, ...head]), contents]);
};

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const objectId = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));

const BOOLEAN_TRUE = der(0x01, Buffer.from([0xff]));
const ECDSA_WITH_SHA256 = sequence(objectId('2a8648ce3d040302'));

const extension = (id: string, value: Buffer, critical: boolean): Buffer => sequence(objectId(id), ...(critical ? [BOOLEAN_TRUE] : []), der(0x04, value));

/** A distinguished name of one common name, in UTF-8. */
const encodeName = (name: string): Buffer => sequence(der(0x31, sequence(objectId('550403'), der(0x0c, Buffer.from(name)))));

/** GeneralizedTime, to the second. */
const encodeTime = (epochMs: number): Buffer => der(0x18, Buffer.from(`${new Date(epochMs).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`));

/** GeneralName: iPAddress [7] for an IPv4 address, else dNSName [2]. */
const encodeHost = (host: string): Buffer =>
	/^\d+\.\d+\.\d+\.\d+$/.test(host) ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host));

const exportKey = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
