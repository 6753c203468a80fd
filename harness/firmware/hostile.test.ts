import test from 'ava';
import fc from 'fast-check';
import { parseImage, readImage } from './image.js';
import { ImageError } from './image-error.js';
import { loadVector, loadVectorKey, loadVectors } from './vector-fixtures.js';
import { verifyImage } from './verify.js';

const SLOT = { slotSizeBytes: 0x4000, writeSizeBytes: 4 };
const ed = loadVectorKey('ed25519-A');

for (const [file, keyName] of [
	['ed-base.bin', 'ed25519-A'],
	['ed-vidcid.bin', 'ed25519-A'],
	['ec256-plain.bin', 'ecdsa-p256-A'],
] as const) {
	test(`${file}: every bit flip of the image is refused`, (t) => {
		const key = loadVectorKey(keyName);
		const bytes = loadVector(file);
		const { sizeBytes } = parseImage(bytes);
		t.is(sizeBytes, bytes.length, 'nothing stands outside the image');
		const accepted: string[] = [];
		for (let offset = 0; offset < bytes.length; offset++) {
			for (let bit = 0; bit < 8; bit++) {
				bytes[offset]! ^= 1 << bit;
				if (verifyImage(bytes, { keys: [key], ...SLOT }).accepted) accepted.push(`${offset}.${bit}`);
				bytes[offset]! ^= 1 << bit;
			}
		}
		t.deepEqual(accepted, []);
	});
}

test('a flip after the image is accepted: nothing covers padding and trailer, which the boot process itself rewrites', (t) => {
	const bytes = loadVector('ed-confirm.bin');
	for (let offset = parseImage(bytes).sizeBytes; offset < bytes.length; offset += 97) {
		bytes[offset]! ^= 0x55;
		t.true(verifyImage(bytes, { keys: [ed], ...SLOT }).accepted, `offset ${offset}`);
	}
});

test('an unprotected TLV after the signature can be changed in type and data, since nothing signs it; its length cannot', (t) => {
	const original = loadVector('c-seccnt-unprot.bin');
	const accepted: number[] = [];
	for (let offset = original.length - 8; offset < original.length; offset++) {
		const bytes = original.slice();
		bytes[offset]! ^= 0x80;
		if (verifyImage(bytes, { keys: [ed], ...SLOT }).accepted) accepted.push(offset - (original.length - 8));
	}
	t.deepEqual(accepted, [0, 1, 4, 5, 6, 7]);
});

for (const file of ['ed-plain.bin', 'ed-vidcid.bin']) {
	test(`${file}: every truncation is refused, and says where`, (t) => {
		const bytes = loadVector(file);
		for (let length = 0; length < bytes.length; length++) {
			const cut = bytes.subarray(0, length);
			const error = t.throws(() => parseImage(cut), { instanceOf: ImageError });
			if (error?.code !== 'truncated' || error.offsetBytes > bytes.length) t.fail(`${length}: ${error?.message}`);
			if (verifyImage(cut, { keys: [ed] }).accepted) t.fail(`${length} bytes were accepted`);
		}
		t.notThrows(() => parseImage(bytes));
	});
}

for (const [name, bytes, pattern] of [
	['an empty file', new Uint8Array(0), /header.*size is 0: empty/],
	['31 bytes of header', loadVector('ed-plain.bin').subarray(0, 31), /header of 32 bytes.*31/],
	['random bytes', Uint8Array.from({ length: 600 }, (_, index) => (index * 167 + 13) & 0xff), /header\.magic: magic 0x96f3b83d was expected/],
	['an HTML page', loadVector('c-html.bin'), /header\.magic/],
	['the magic of version 1', loadVector('ed-plain.bin').map((byte, index) => (index === 0 ? 0x3c : byte)), /got 0x96f3b83c/],
	['an image size that overflows', loadVector('c-hdr-imgsize-huge.bin'), /header\.imageSize: .*overflows/],
] as const) {
	test(`${name}: the refusal names the field`, (t) => {
		t.throws(() => parseImage(bytes), { instanceOf: ImageError, message: pattern });
		const verdict = verifyImage(bytes, { keys: [ed], ...SLOT });
		if (verdict.accepted) return t.fail('accepted');
		t.regex(verdict.reason, pattern);
	});
}

/** The judgement under test: no other error than ImageError, offsets inside the bytes, and no more entries than the bytes can hold. */
const survives = (bytes: Uint8Array): boolean => {
	const { error, tlvs, sizeBytes } = readImage(bytes);
	const whole = tlvs.every((tlv) => tlv.data.buffer === bytes.buffer && tlv.offsetBytes + 4 + tlv.data.length <= bytes.length);
	const bounded = tlvs.reduce((sum, tlv) => sum + 4 + tlv.data.length, 0) <= bytes.length;
	const verdict = verifyImage(bytes, { keys: [ed], ...SLOT, unprotectedTlvAllowList: true, minimumSecurityCounter: 1, installed: new Map() });
	return whole && bounded && (error !== undefined || sizeBytes! <= bytes.length) && !(verdict.accepted && error !== undefined);
};

test('random bytes give an ImageError or an image, never anything else (seed 20)', (t) => {
	fc.assert(fc.property(fc.uint8Array({ maxLength: 2048 }), survives), { seed: 20, numRuns: 2000 });
	t.pass();
});

test('random sizes behind a good magic are never followed past the bytes (seed 21)', (t) => {
	const property = fc.property(fc.uint8Array({ minLength: 28, maxLength: 300 }), fc.nat(64), fc.nat(200), (rest, headerSize, payloadSize) => {
		const bytes = Uint8Array.from([0x3d, 0xb8, 0xf3, 0x96, ...rest]);
		const view = new DataView(bytes.buffer);
		view.setUint16(8, headerSize, true);
		if (payloadSize % 2 === 0) view.setUint32(12, payloadSize, true);
		const info = headerSize + payloadSize;
		if (info + 4 <= bytes.length) view.setUint16(info, payloadSize % 4 === 0 ? 0x6907 : 0x6908, true);
		return survives(bytes);
	});
	fc.assert(property, { seed: 21, numRuns: 5000 });
	t.pass();
});

test('random edits of genuine images are survived, and none is accepted that changed a covered byte (seed 22)', (t) => {
	const genuine = loadVectors().filter(
		(vector) => vector.bootloader === 'accept' && vector.signedWith === 'ed25519-A' && vector.file !== 'c-seccnt-unprot.bin',
	);
	const edits = fc.array(fc.record({ place: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), tail: fc.boolean(), value: fc.nat(255) }), {
		minLength: 1,
		maxLength: 6,
	});
	const property = fc.property(fc.constantFrom(...genuine), edits, (vector, changes) => {
		const bytes = vector.bytes.slice();
		const { sizeBytes, hashedRegion } = parseImage(bytes);
		for (const { place, tail, value } of changes) {
			const start = tail ? hashedRegion.lengthBytes - 40 : 0;
			bytes[start + Math.floor(place * (sizeBytes - start))] = value;
		}
		const isChanged = bytes.some((byte, offset) => byte !== vector.bytes[offset]);
		return survives(bytes) && verifyImage(bytes, { keys: [ed], ...SLOT }).accepted === !isChanged;
	});
	fc.assert(property, { seed: 22, numRuns: 3000 });
	t.pass();
});
