import test from 'ava';
import { readBehaviour } from './behaviour.js';
import { buildImage } from './build.js';
import { parseImage } from './image.js';
import { classIdOf, formatUuid, vendorIdOf } from './uuid.js';
import { loadVector, loadVectorKey, loadVectors } from './vector-fixtures.js';
import { verifyImage } from './verify.js';
import { formatVersion, parseVersion } from './version.js';

const SLOT = { slotSizeBytes: 0x4000, writeSizeBytes: 4 };
const vectors = loadVectors();
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('there are 18 vectors, of which 11 boot', (t) => {
	t.is(vectors.length, 18);
	t.is(vectors.filter((vector) => vector.bootloader === 'accept').length, 11);
});

for (const vector of vectors) {
	const key = loadVectorKey(vector.signedWith);

	test(`${vector.file}: the verdict is the bootloader's own: ${vector.bootloader}`, (t) => {
		const verdict = verifyImage(vector.bytes, { keys: [key], ...SLOT });
		t.is(verdict.accepted, vector.bootloader === 'accept', verdict.accepted ? '' : verdict.reason);
		t.is(verifyImage(vector.bytes, { keys: [key] }).accepted, vector.bootloader === 'accept');
	});

	test(`${vector.file}: no key, another key of its kind or of another kind refuses it`, (t) => {
		const others = ['ed25519-A', 'ed25519-B', 'ecdsa-p256-A', 'rsa-2048-A'].filter((name) => name !== vector.signedWith);
		t.false(verifyImage(vector.bytes, { keys: [], ...SLOT }).accepted);
		const verdict = verifyImage(vector.bytes, { keys: others.map(loadVectorKey), ...SLOT });
		t.false(verdict.accepted);
		if (!verdict.accepted && vector.bootloader === 'accept') t.is(verdict.code, 'unknown-key');
		t.is(verifyImage(vector.bytes, { keys: [...others.map(loadVectorKey), key], ...SLOT }).accepted, vector.bootloader === 'accept');
	});

	const { header, tlvs } = vector;
	if (header === undefined || tlvs === undefined) continue;

	test(`${vector.file}: every header field and TLV is what imgtool wrote`, (t) => {
		const image = parseImage(vector.bytes);
		t.deepEqual(
			{ ...image.header, version: formatVersion(image.header.version) },
			{
				magic: header.magic,
				loadAddress: header.load_addr,
				headerSizeBytes: header.hdr_size,
				protectedTlvSizeBytes: header.protected_tlv_size,
				payloadSizeBytes: header.img_size,
				flags: header.flags,
				version: header.version,
				padding: 0,
			},
		);
		const found = [...image.protectedTlvs, ...image.unprotectedTlvs];
		t.deepEqual(
			found.map((tlv) => ({ type: tlv.type, type_name: tlv.name, len: tlv.data.length, data: hex(tlv.data) })),
			[...tlvs],
		);
		for (const tlv of found) t.is(hex(vector.bytes.subarray(tlv.offsetBytes + 4, tlv.offsetBytes + 4 + tlv.data.length)), hex(tlv.data));
		t.is(image.payload.buffer, vector.bytes.buffer, 'the payload is a view');
		t.is(image.payload.length, header.img_size);
		t.is(readBehaviour(image), undefined);
	});

	test(`${vector.file}: built again from its parts it is the same, byte for byte`, (t) => {
		const image = parseImage(vector.bytes);
		const padded = vector.bytes.length > image.sizeBytes;
		const rebuilt = buildImage({
			version: image.header.version,
			payload: image.payload,
			headerSizeBytes: image.header.headerSizeBytes,
			...(image.securityCounter !== undefined && { securityCounter: image.securityCounter }),
			dependencies: image.dependencies,
			...(image.vendorId && { vendorId: image.vendorId }),
			...(image.classId && { classId: image.classId }),
			// The private keys are not here: key hash and signature are put back as they were, after the digest that is made anew.
			unprotectedExtra: image.unprotectedTlvs.slice(1),
			...(padded && { pad: { ...SLOT, confirm: vector.file === 'ed-confirm.bin' } }),
		});
		t.is(hex(rebuilt), hex(vector.bytes));
	});
}

test('the counter, the dependency and the hardware identity of the vectors are read', (t) => {
	t.is(parseImage(loadVector('ed-sec3.bin')).securityCounter, 3);
	t.is(parseImage(loadVector('ed-plain.bin')).securityCounter, undefined);
	t.deepEqual(parseImage(loadVector('ed-dep1.bin')).dependencies, [{ imageId: 1, version: parseVersion('1.2.3+4') }]);
	const { vendorId, classId } = parseImage(loadVector('ed-vidcid.bin'));
	t.is(hex(vendorId!), hex(vendorIdOf('example.com')));
	t.is(hex(classId!), hex(classIdOf('gizmo', vendorIdOf('example.com'))));
	t.is(hex(vendorIdOf(formatUuid(vendorId!))), hex(vendorId!), 'a UUID is taken as it is');
});

test("a vendor id is the uuid5 of its name: the example of Python's own documentation", (t) => {
	t.is(formatUuid(vendorIdOf('python.org')), '886313e1-3b8a-5372-9b90-0c9aee199e5d');
});

/**
 * The signature stays valid because nothing unprotected is signed. Without the allow-list the counter is even believed (a device that stores
 * it after confirming refuses its own image at the next boot); with the allow-list the image is refused.
 */
test('a security counter in the unprotected area passes without the allow-list and is refused with it', (t) => {
	const bytes = loadVector('c-seccnt-unprot.bin');
	const keys = [loadVectorKey('ed25519-A')];
	t.true(verifyImage(bytes, { keys, ...SLOT }).accepted);
	t.is(parseImage(bytes).securityCounter, undefined, "what is not signed is not the image's counter");
	t.true(verifyImage(bytes, { keys, ...SLOT, minimumSecurityCounter: 99 }).accepted, 'bootutil reads it from either area');
	const verdict = verifyImage(bytes, { keys, ...SLOT, unprotectedTlvAllowList: true });
	t.like(verdict, { accepted: false, code: 'tlv-not-allowed', field: 'SEC_CNT' });
	for (const vector of vectors.filter((each) => each.bootloader === 'accept' && each.file !== 'c-seccnt-unprot.bin')) {
		t.true(verifyImage(vector.bytes, { keys: [loadVectorKey(vector.signedWith)], ...SLOT, unprotectedTlvAllowList: true }).accepted, vector.file);
	}
});
