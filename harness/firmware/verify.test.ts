import { generateKeyPairSync } from 'node:crypto';
import test from 'ava';
import { type BuildOptions, buildImage } from './build.js';
import { IMAGE_FLAGS } from './header.js';
import { parseImage } from './image.js';
import { createSigningKey, parseSigningKey, parseVerifyingKey, type SigningKey } from './key.js';
import { encodeTlvArea, TLV, type TlvContent } from './tlv.js';
import { vendorIdOf } from './uuid.js';
import { loadVector, loadVectorKey } from './vector-fixtures.js';
import { type VerifyOptions, verifyImage } from './verify.js';
import { parseVersion } from './version.js';

const key = createSigningKey(new Uint8Array(32).fill(7));
const other = createSigningKey(new Uint8Array(32).fill(8));
const keys = [key.verifyingKey];
const payload = Uint8Array.from({ length: 500 }, (_, index) => (index * 31) & 0xff);
const build = (options: Partial<BuildOptions> = {}) => buildImage({ version: parseVersion('1.2.3'), payload, headerSizeBytes: 32, key, ...options });
const codeOf = (bytes: Uint8Array, options: Partial<VerifyOptions> = {}) => {
	const verdict = verifyImage(bytes, { keys, ...options });
	return verdict.accepted ? 'accepted' : verdict.code;
};
/** The image with its unprotected TLVs replaced. */
const withTlvs = (bytes: Uint8Array, tlvs: readonly TlvContent[]) =>
	new Uint8Array(Buffer.concat([bytes.subarray(0, parseImage(bytes).hashedRegion.lengthBytes), encodeTlvArea(0x6907, tlvs)]));
const tlvsOf = (bytes: Uint8Array) => {
	const [sha, keyHash, signature] = parseImage(bytes).unprotectedTlvs;
	return { sha: sha!, keyHash: keyHash!, signature: signature! };
};
const bad = (tlv: TlvContent): TlvContent => ({ type: tlv.type, data: tlv.data.map((byte, index) => (index === 9 ? byte ^ 1 : byte)) });

const generated: readonly SigningKey[] = [
	key,
	parseSigningKey(pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }))),
	parseSigningKey(pem(generateKeyPairSync('rsa', { modulusLength: 2048 }))),
	parseSigningKey(pem(generateKeyPairSync('rsa', { modulusLength: 3072 }))),
];

function pem(pair: { privateKey: import('node:crypto').KeyObject }): string {
	return pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

for (const signer of generated) {
	test(`${signer.kind}: a built image verifies with its key, with no other, and not after a change`, (t) => {
		const bytes = build({ key: signer });
		t.is(codeOf(bytes, { keys: [signer.verifyingKey] }), 'accepted');
		t.is(codeOf(bytes, { keys: [other.verifyingKey] }), 'unknown-key');
		t.is(codeOf(withTlvs(bytes, [tlvsOf(bytes).sha, tlvsOf(bytes).keyHash, bad(tlvsOf(bytes).signature)]), { keys: [signer.verifyingKey] }), 'bad-signature');
	});
}

test('RSA-3072 images carry a signature of 384 bytes under their own TLV, and the key hash of PKCS#1', (t) => {
	const { keyHash, signature } = tlvsOf(build({ key: generated[3]! }));
	t.is(signature.type, TLV.RSA3072);
	t.is(signature.data.length, 384);
	t.deepEqual(keyHash.data, generated[3]!.verifyingKey.keyHash);
});

test('the loop follows bootutil: which signatures and digests decide', (t) => {
	const image = build();
	const { sha, keyHash, signature } = tlvsOf(image);
	const stranger = tlvsOf(build({ key: other }));
	for (const [what, tlvs, expected] of [
		['digest, key, signature', [sha, keyHash, signature], 'accepted'],
		['the digest last', [keyHash, signature, sha], 'accepted'],
		['the digest twice', [sha, sha, keyHash, signature], 'accepted'],
		['a second digest that is bad', [sha, keyHash, signature, bad(sha)], 'bad-hash'],
		['no digest', [keyHash, signature], 'bad-hash'],
		['a short digest', [{ type: TLV.SHA256, data: sha.data.subarray(1) }, keyHash, signature], 'bad-hash'],
		['no signature', [sha, keyHash], 'unsigned'],
		['nothing but the digest', [sha], 'unsigned'],
		['nothing at all', [], 'bad-hash'],
		['the signature before its key', [sha, signature, keyHash], 'unknown-key'],
		['no key', [sha, signature], 'unknown-key'],
		['a strange signature first', [sha, stranger.keyHash, stranger.signature, keyHash, signature], 'accepted'],
		['a strange signature last', [sha, keyHash, signature, stranger.keyHash, stranger.signature], 'accepted'],
		['a strange key over the good signature', [sha, stranger.keyHash, signature], 'unknown-key'],
		['a key that is replaced before its signature', [sha, keyHash, stranger.keyHash, signature], 'unknown-key'],
		['a bad signature before the good one, one key', [sha, keyHash, bad(signature), signature], 'bad-signature'],
		['a second signature without a key of its own', [sha, keyHash, signature, bad(signature)], 'accepted'],
		['good, then bad with the key again', [sha, keyHash, signature, keyHash, bad(signature)], 'bad-signature'],
		['bad, then good with the key again: the last one decides', [sha, keyHash, bad(signature), keyHash, signature], 'accepted'],
		['a signature of a wrong length', [sha, keyHash, { type: TLV.ED25519, data: signature.data.subarray(1) }], 'bad-signature'],
		['a signature under the TLV of another kind', [sha, keyHash, { type: TLV.ECDSASIG, data: signature.data }], 'unknown-key'],
		['a key hash that is too long', [sha, { type: TLV.KEYHASH, data: new Uint8Array(33) }, keyHash, signature], 'bad-key-hash'],
		['a key hash that is a prefix, as bootutil compares', [sha, { type: TLV.KEYHASH, data: keyHash.data.subarray(0, 3) }, signature], 'accepted'],
		['a TLV nobody knows', [sha, keyHash, { type: 0xb6a1, data: new Uint8Array(9) }, signature], 'accepted'],
	] as const) {
		t.is(codeOf(withTlvs(image, tlvs)), expected, what);
	}
});

test('header flags that default options cannot boot are refused although signed; others are not looked at', (t) => {
	for (const [name, flag] of Object.entries(IMAGE_FLAGS)) {
		const isRefused = /^(NON_BOOTABLE|ENCRYPTED_|COMPRESSED_LZMA)/.test(name);
		t.is(codeOf(build({ flags: flag })), isRefused ? 'not-bootable' : 'accepted', name);
	}
});

test('a slot bounds image and trailer to the byte, and the trailer follows the write size', (t) => {
	const bytes = build();
	for (const [writeSizeBytes, trailerBytes] of [
		[1, 432],
		[2, 816],
		[4, 1584],
		[8, 3120],
	] as const) {
		const fitting = bytes.length + trailerBytes;
		t.is(codeOf(bytes, { slotSizeBytes: fitting, writeSizeBytes }), 'accepted');
		t.is(codeOf(bytes, { slotSizeBytes: fitting - 1, writeSizeBytes }), 'too-large');
	}
	t.is(codeOf(bytes, { slotSizeBytes: bytes.length + 1584 }), 'accepted', 'the default write size is 4');
	const longer = new Uint8Array(bytes.length + 1585);
	longer.set(bytes);
	t.is(codeOf(longer), 'accepted', 'bytes after the image are covered by nothing');
	t.is(codeOf(longer, { slotSizeBytes: bytes.length + 1584 }), 'too-large', 'but a slot cannot hold more than itself');
	t.throws(() => verifyImage(bytes, { keys, slotSizeBytes: -1 }), { instanceOf: RangeError, message: /slotSizeBytes/ });
	t.throws(() => verifyImage(bytes, { keys, slotSizeBytes: 9999, writeSizeBytes: 3 }), { instanceOf: RangeError, message: /writeSizeBytes/ });
});

test('a security counter is compared with the least one wanted, and must be there', (t) => {
	t.is(codeOf(build({ securityCounter: 5 }), { minimumSecurityCounter: 5 }), 'accepted');
	t.is(codeOf(build({ securityCounter: 5 }), { minimumSecurityCounter: 6 }), 'security-counter');
	t.is(codeOf(build({ securityCounter: 0xffffffff }), { minimumSecurityCounter: 0xffffffff }), 'accepted');
	t.is(codeOf(build(), { minimumSecurityCounter: 0 }), 'security-counter');
	t.is(codeOf(build({ vendorTlvs: [{ type: TLV.SEC_CNT, data: new Uint8Array(3) }] }), { minimumSecurityCounter: 0 }), 'security-counter');
	t.is(codeOf(build({ vendorTlvs: [{ type: TLV.SEC_CNT, data: new Uint8Array(3) }] })), 'accepted', 'nobody asked');
	t.is(codeOf(build({ securityCounter: 9, vendorTlvs: [{ type: TLV.SEC_CNT, data: new Uint8Array(4) }] }), { minimumSecurityCounter: 9 }), 'security-counter');
});

test('a downgrade is refused, an equal version is not, and builds are not compared', (t) => {
	for (const [minimum, expected] of [
		['1.2.3+9', 'accepted'],
		['1.2.2', 'accepted'],
		['1.2.4', 'downgrade'],
		['1.3.0', 'downgrade'],
		['2', 'downgrade'],
		['0.255.65535', 'accepted'],
	] as const) {
		t.is(codeOf(build(), { minimumVersion: parseVersion(minimum) }), expected, minimum);
	}
});

test('hardware identity must be there and right', (t) => {
	const [vendorId, classId] = [vendorIdOf('a.example'), vendorIdOf('b.example')];
	const bytes = build({ vendorId, classId });
	t.is(codeOf(bytes, { vendorId, classId }), 'accepted');
	t.is(codeOf(bytes, { vendorId: classId }), 'other-hardware');
	t.is(codeOf(bytes, { classId: vendorId }), 'other-hardware');
	t.is(codeOf(build({ vendorId }), { classId }), 'other-hardware');
	t.is(codeOf(build(), { vendorId }), 'other-hardware');
	t.throws(() => verifyImage(bytes, { keys, classId: new Uint8Array(15) }), { instanceOf: RangeError, message: /classId/ });
});

test('dependencies are held in file order against what is installed', (t) => {
	const dependencies = [
		{ imageId: 3, version: parseVersion('2.0.0') },
		{ imageId: 1, version: parseVersion('1.2.3+4') },
	];
	const bytes = build({ dependencies });
	t.deepEqual(parseImage(bytes).dependencies, dependencies);
	const judge = (installed: Record<number, string>) =>
		verifyImage(bytes, { keys, installed: new Map(Object.entries(installed).map(([id, text]) => [Number(id), parseVersion(text)])) });
	t.true(judge({ 1: '1.2.3', 3: '2.0.0' }).accepted, 'builds are not compared');
	t.true(judge({ 1: '9', 3: '9' }).accepted);
	t.like(judge({ 1: '1.2.2', 3: '1.9.9' }), { code: 'dependency-not-met', reason: 'DEPENDENCY: image 3 of at least 2.0.0+0 is needed, 1.9.9+0 is there' });
	t.like(judge({ 3: '2.0.0' }), { code: 'dependency-not-met', reason: 'DEPENDENCY: image 1 of at least 1.2.3+4 is needed, there is none' });
	t.is(codeOf(bytes), 'accepted', 'nobody asked');
	t.is(codeOf(build({ vendorTlvs: [{ type: TLV.DEPENDENCY, data: new Uint8Array(11) }] }), { installed: new Map() }), 'dependency-not-met');
});

test('an ECDSA signature may end in zeros, as --pad-sig leaves it, and in nothing else', (t) => {
	const bytes = loadVector('ec256-plain.bin');
	const { sha, keyHash, signature } = tlvsOf(bytes);
	const ec = { keys: [loadVectorKey('ecdsa-p256-A')] };
	const ending = (...tail: number[]) => withTlvs(bytes, [sha, keyHash, { type: TLV.ECDSASIG, data: Uint8Array.from([...signature.data, ...tail]) }]);
	t.is(codeOf(ending(), ec), 'accepted');
	t.is(codeOf(ending(0), ec), 'accepted');
	t.is(codeOf(ending(0, 0), ec), 'accepted');
	t.is(codeOf(ending(1), ec), 'bad-signature');
	t.is(codeOf(ending(0, 1), ec), 'bad-signature');
	t.is(codeOf(ending(...new Array(58).fill(0)), ec), 'bad-signature', 'longer than the buffer of 128');
	for (let length = 0; length < signature.data.length; length++) {
		const cut = withTlvs(bytes, [sha, keyHash, { type: TLV.ECDSASIG, data: signature.data.subarray(0, length) }]);
		t.is(codeOf(cut, ec), 'bad-signature', `${length} bytes`);
	}
});

test('an image signed pure needs a verifier for pure images, and the other way round', (t) => {
	const bytes = build({ pure: true, securityCounter: 1 });
	t.is(codeOf(bytes, { pure: true }), 'accepted');
	t.is(codeOf(bytes), 'bad-hash');
	t.is(codeOf(build(), { pure: true }), 'bad-signature');
	const changed = bytes.slice();
	changed[40]! ^= 1;
	t.is(codeOf(changed, { pure: true }), 'bad-signature');
	t.is(codeOf(bytes, { pure: true, unprotectedTlvAllowList: true }), 'accepted');
	t.throws(() => build({ pure: true, key: generated[1]! }), { instanceOf: RangeError, message: /pure/ });
});

test('keys that MCUboot has no signature for are refused by name', (t) => {
	const spki = (pair: { publicKey: import('node:crypto').KeyObject }) => pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
	t.throws(() => parseVerifyingKey(spki(generateKeyPairSync('ec', { namedCurve: 'P-384' }))), { instanceOf: TypeError, message: /key: .*got ec secp384r1/ });
	t.throws(() => parseVerifyingKey(spki(generateKeyPairSync('rsa', { modulusLength: 1024 }))), { instanceOf: TypeError, message: /got rsa 1024/ });
	t.throws(() => parseVerifyingKey('hello'), { instanceOf: TypeError, message: /key: a public key in PEM or DER was expected, got 5 bytes/ });
	t.throws(() => parseVerifyingKey(new Uint8Array(0)), { instanceOf: TypeError, message: /key/ });
	t.throws(() => parseSigningKey(spki(generateKeyPairSync('ed25519'))), { instanceOf: TypeError, message: /private key was expected, got a public key/ });
	t.throws(() => parseSigningKey('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'), {
		instanceOf: TypeError,
		message: /PEM block "PRIVATE KEY"/,
	});
	t.throws(() => createSigningKey(new Uint8Array(31)), { instanceOf: RangeError, message: /seed/ });
});

test('a public key is the same from PEM, from DER and from its private key', (t) => {
	for (const signer of generated) {
		const { publicKey, keyHash } = signer.verifyingKey;
		t.deepEqual(parseVerifyingKey(publicKey.export({ type: 'spki', format: 'pem' }).toString()).keyHash, keyHash);
		t.deepEqual(parseVerifyingKey(new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))).keyHash, keyHash);
		t.deepEqual(parseVerifyingKey(signer.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()).keyHash, keyHash);
	}
});

test('a key made from a seed is the same each time, and signs the same', (t) => {
	t.deepEqual(build({ key: createSigningKey(new Uint8Array(32).fill(7)) }), build());
	t.notDeepEqual(build({ key: other }), build());
});
