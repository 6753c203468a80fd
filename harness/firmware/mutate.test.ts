import test from 'ava';
import { IMAGE_DEFECTS } from './image-defect.js';
import { buildImage } from './build.js';
import { parseImage } from './image.js';
import { createSigningKey } from './key.js';
import { corruptImage, type KeylessDefect } from './mutate.js';
import { readTrailer } from './trailer.js';
import { loadVectorKey, loadVectors } from './vector-fixtures.js';
import { verifyImage } from './verify.js';
import { parseVersion } from './version.js';

const SLOT = { slotSizeBytes: 0x4000, writeSizeBytes: 4 };
const NEED_A_KEY = ['unknown-key', 'other-hardware', 'downgrade', 'dependency-not-met', 'mix-and-match', 'fast-forward'];
const defects = IMAGE_DEFECTS.filter((defect): defect is KeylessDefect => !NEED_A_KEY.includes(defect));
/** What refuses each defect; where an image has no protected TLVs, or two reasons are possible, both are named. */
const CODES: Readonly<Record<KeylessDefect, readonly string[]>> = {
	magic: ['bad-magic'],
	'header-size': ['bad-tlv-info'],
	'image-size': ['bad-tlv-info'],
	flags: ['bad-hash'],
	version: ['bad-hash'],
	'payload-bit': ['bad-hash'],
	hash: ['bad-hash'],
	signature: ['bad-signature'],
	'tlv-info': ['bad-tlv-info'],
	'protected-tlv': ['bad-hash', 'bad-tlv-info'],
	truncated: ['truncated'],
	unsigned: ['unsigned'],
	'html-page': ['bad-magic'],
	'too-large': ['too-large'],
};

const accepted = loadVectors().filter((vector) => vector.bootloader === 'accept');
const own = createSigningKey(new Uint8Array(32).fill(3));
const smallest = buildImage({ version: parseVersion('1.0.65535'), payload: new Uint8Array(0), headerSizeBytes: 0xffff, key: own });
const subjects = [
	...accepted.map((vector) => ({ name: vector.file, bytes: vector.bytes, keys: [loadVectorKey(vector.signedWith)], ...SLOT })),
	{ name: 'an image without payload and with the largest header', bytes: smallest, keys: [own.verifyingKey], slotSizeBytes: 0x20000, writeSizeBytes: 4 },
];

test('fourteen defects can be made without a key', (t) => {
	t.is(defects.length, 14);
});

for (const { name, bytes, ...options } of subjects) {
	for (const defect of defects) {
		test(`${name} with the defect ${defect} is refused, and it was accepted without`, (t) => {
			const before = bytes.slice();
			const corrupted = corruptImage(bytes, { defect, ...options });
			t.deepEqual(bytes, before, 'the image itself is left alone');
			t.true(verifyImage(bytes, options).accepted);
			const verdict = verifyImage(corrupted, options);
			if (verdict.accepted) return t.fail('accepted');
			t.true(CODES[defect].includes(verdict.code), `${verdict.code}: ${verdict.reason}`);
			t.false(verifyImage(corrupted, { keys: options.keys }).accepted, 'nor without a slot size');
			t.deepEqual(corruptImage(bytes, { defect, ...options }), corrupted, 'the same each time');
		});
	}

	test(`${name}: no two defects give the same bytes`, (t) => {
		const texts = [bytes, ...defects.map((defect) => corruptImage(bytes, { defect, ...options }))].map((each) => Buffer.from(each).toString('base64'));
		t.is(new Set(texts).size, 15);
	});
}

test('a too large image needs a slot, and exceeds it', (t) => {
	const { bytes } = accepted[0]!;
	t.throws(() => corruptImage(bytes, { defect: 'too-large' }), { instanceOf: RangeError, message: /slotSizeBytes/ });
	t.is(corruptImage(bytes, { defect: 'too-large', slotSizeBytes: 0x4000 }).length, 0x4001);
});

test('an unsigned image keeps its digest, loses key hash and signature, and a padded one keeps its trailer in place', (t) => {
	const { bytes } = accepted.find((vector) => vector.file === 'ed-confirm.bin')!;
	const unsigned = corruptImage(bytes, { defect: 'unsigned' });
	t.deepEqual(
		parseImage(unsigned).unprotectedTlvs.map((tlv) => tlv.name),
		['SHA256'],
	);
	t.is(unsigned.length, bytes.length);
	t.is(readTrailer(unsigned), 'confirmed');
});
