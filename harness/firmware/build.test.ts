import test from 'ava';
import { BEHAVIOUR_TLV, encodeBehaviour, IMAGE_BEHAVIOURS, readBehaviour } from './behaviour.js';
import { type BuildOptions, buildImage } from './build.js';
import { parseImage } from './image.js';
import { ImageError } from './image-error.js';
import { createSigningKey } from './key.js';
import { TLV } from './tlv.js';
import { encodeTrailer, readTrailer, trailerSizeBytes } from './trailer.js';
import { vendorIdOf } from './uuid.js';
import { verifyImage } from './verify.js';
import { parseVersion } from './version.js';

const key = createSigningKey(new Uint8Array(32).fill(1));
const keys = [key.verifyingKey];
const build = (options: Partial<BuildOptions> = {}) =>
	buildImage({ version: parseVersion('3.4.5+6'), payload: new Uint8Array(64).fill(0x5a), headerSizeBytes: 32, key, ...options });

test("TLVs stand in imgtool's order", (t) => {
	const uuid = vendorIdOf('example.com');
	const image = parseImage(
		build({
			classId: uuid,
			vendorId: uuid,
			vendorTlvs: [encodeBehaviour('healthy')],
			dependencies: [{ imageId: 0, version: parseVersion('1') }],
			securityCounter: 'auto',
			unprotectedExtra: [{ type: 0xb6a0, data: new Uint8Array(2) }],
		}),
	);
	t.deepEqual(
		image.protectedTlvs.map((tlv) => tlv.type),
		[TLV.SEC_CNT, TLV.DEPENDENCY, TLV.UUID_VID, TLV.UUID_CID, BEHAVIOUR_TLV],
	);
	t.deepEqual(
		image.unprotectedTlvs.map((tlv) => tlv.name),
		['SHA256', 'KEYHASH', 'ED25519', 'VENDOR 0xb6a0'],
	);
	t.is(image.securityCounter, 0x03040005);
});

test('an automatic counter of the highest version fits without a sign', (t) => {
	t.is(parseImage(build({ version: parseVersion('255.255.65535'), securityCounter: 'auto' })).securityCounter, 0xffffffff);
});

for (const behaviour of IMAGE_BEHAVIOURS) {
	test(`an image tells the simulator that it is: ${behaviour}`, (t) => {
		const verdict = verifyImage(build({ vendorTlvs: [encodeBehaviour(behaviour)] }), { keys, unprotectedTlvAllowList: true });
		t.is(verdict.accepted ? readBehaviour(verdict.image) : verdict.reason, behaviour);
	});
}

test('a behaviour that is unknown, or not protected, is none', (t) => {
	t.is(readBehaviour(parseImage(build({ vendorTlvs: [{ type: BEHAVIOUR_TLV, data: Uint8Array.of(0xff, 0xfe) }] }))), undefined);
	t.is(readBehaviour(parseImage(build({ vendorTlvs: [{ type: BEHAVIOUR_TLV, data: new TextEncoder().encode('toString') }] }))), undefined);
	t.is(readBehaviour(parseImage(build({ unprotectedExtra: [encodeBehaviour('hangs-at-boot')] }))), undefined);
});

for (const [what, options, message] of [
	['a header below 32 bytes', { headerSizeBytes: 31 }, /headerSizeBytes/],
	['a header that no u16 holds', { headerSizeBytes: 0x10000 }, /headerSizeBytes/],
	['a broken header size', { headerSizeBytes: 64.5 }, /headerSizeBytes/],
	['a negative counter', { securityCounter: -1 }, /securityCounter/],
	['a counter that no u32 holds', { securityCounter: 2 ** 32 }, /securityCounter/],
	['an image id above 255', { dependencies: [{ imageId: 256, version: parseVersion('1') }] }, /imageId/],
	['a version out of range', { version: { major: 256, minor: 0, revision: 0, build: 0 } }, /version major/],
	['a vendor id of 15 bytes', { vendorId: new Uint8Array(15) }, /vendorId/],
	['protected TLVs beyond 65535', { vendorTlvs: [{ type: 0xb6a0, data: new Uint8Array(65528) }] }, /TLV area.*65536/],
	['unprotected TLVs beyond 65535', { unprotectedExtra: [{ type: 0xb6a0, data: new Uint8Array(65500) }] }, /TLV area/],
	['a TLV type that no u16 holds', { vendorTlvs: [{ type: 0x10000, data: new Uint8Array(1) }] }, /TLV type/],
	['a slot that is one byte too small', { pad: { slotSizeBytes: 32 + 64 + 144 + 1584 - 1 } }, /slotSizeBytes/],
] as const) {
	test(`${what} is refused before anything is written`, (t) => {
		t.throws(() => build(options), { instanceOf: RangeError, message });
	});
}

test('the longest protected and unprotected areas are written and read', (t) => {
	const data = new Uint8Array(65527).fill(9);
	const bytes = build({ vendorTlvs: [{ type: 0xb6a0, data }], unprotectedExtra: [{ type: 0xb6a0, data: new Uint8Array(65535 - 144 - 4) }] });
	const image = parseImage(bytes);
	t.is(image.header.protectedTlvSizeBytes, 65535);
	t.is(image.sizeBytes, bytes.length);
	t.deepEqual(image.protectedTlvs[0]?.data, data);
	t.true(verifyImage(bytes, { keys }).accepted);
});

test('empty payloads, empty TLVs and an area whose last TLV is empty are read', (t) => {
	const bytes = build({ payload: new Uint8Array(0), vendorTlvs: [{ type: 0xb6a0, data: new Uint8Array(0) }] });
	t.is(parseImage(bytes).protectedTlvs.length, 1);
	t.true(verifyImage(bytes, { keys }).accepted);
	// bootutil judges by where a TLV's data begins: behind an empty last one the unprotected area begins already.
	t.like(verifyImage(bytes, { keys, unprotectedTlvAllowList: true }), { code: 'tlv-not-allowed' });
});

/** [what, length of the last TLV relative to what fits, total relative to what is there] */
for (const [what, lengthChange, totalChange, code] of [
	['a TLV one byte longer than its area', 1, 0, 'bad-tlv'],
	['a TLV of the greatest length', 0xffff - 64, 0, 'bad-tlv'],
	['a TLV one byte short of its area', -1, 0, 'bad-tlv'],
	['a TLV four bytes short, which leaves an empty header in its data', -4, 0, 'read'],
	['an area that says it is one byte longer', 0, 1, 'bad-tlv'],
	['an area that says it is one byte shorter', 0, -1, 'bad-tlv'],
	['an area that ends 64 bytes after the file', 0, 64, 'truncated'],
	['an area and its last TLV one byte past the file', 1, 1, 'truncated'],
	['an area without TLVs', 0, -140, 'read'],
	['an area smaller than its own header', 0, -142, 'read'],
] as const) {
	test(`${what}: ${code}`, (t) => {
		const bytes = build();
		const { unprotectedTlvs, hashedRegion } = parseImage(bytes);
		const view = new DataView(bytes.buffer);
		view.setUint16(unprotectedTlvs[2]!.offsetBytes + 2, 64 + lengthChange, true);
		view.setUint16(hashedRegion.lengthBytes + 2, 144 + totalChange, true);
		bytes.fill(0, bytes.length - 4);
		if (code === 'read') {
			t.notThrows(() => parseImage(bytes));
			return;
		}
		t.is(t.throws(() => parseImage(bytes), { instanceOf: ImageError })?.code, code);
		t.like(verifyImage(bytes, { keys }), { accepted: false, code });
	});
}

test('the header and the protected area must agree on its size', (t) => {
	const bytes = build({ securityCounter: 1 });
	for (const change of [-12, -1, 1, 4, 0x1000]) {
		const changed = bytes.slice();
		new DataView(changed.buffer).setUint16(10, 12 + change, true);
		t.is(t.throws(() => parseImage(changed), { instanceOf: ImageError })?.field, 'protectedTlvInfo.total', `${change}`);
	}
	const none = build();
	new DataView(none.buffer).setUint16(10, 4, true);
	t.is(t.throws(() => parseImage(none), { instanceOf: ImageError })?.field, 'protectedTlvInfo.magic');
});

test('a trailer has the sizes and places of each alignment', (t) => {
	t.deepEqual(
		[1, 2, 4, 8].map((writeSizeBytes) => trailerSizeBytes({ writeSizeBytes })),
		[432, 816, 1584, 3120],
	);
	t.is(trailerSizeBytes(), 1584);
	for (const [maxAlignBytes, imageOk] of [
		[8, 24],
		[16, 32],
		[32, 64],
	] as const) {
		const [trial, confirmed] = [false, true].map((confirm) => encodeTrailer({ maxAlignBytes, confirm }));
		const differing = [...trial!.keys()].filter((index) => trial![index] !== confirmed![index]);
		t.deepEqual(differing, [trial!.length - imageOk]);
		t.is(confirmed!.at(-imageOk), 1);
		t.deepEqual([readTrailer(trial!), readTrailer(confirmed!), readTrailer(trial!.subarray(0, -1))], ['trial', 'confirmed', 'none']);
		t.is(trial!.at(-1), maxAlignBytes === 8 ? 0x80 : 0x8a);
	}
	t.throws(() => trailerSizeBytes({ writeSizeBytes: 16, maxAlignBytes: 8 }), { instanceOf: RangeError });
});
