import test from 'ava';
import fc from 'fast-check';
import { Flash, FlashError, type FlashErrorCode, type Geometry, PageStore, PowerLoss, rewriteArea } from './index.js';

const geometryOf = (options: Partial<Geometry>): Geometry => ({
	sectors: [
		{ count: 2, sizeBytes: 256 },
		{ count: 1, sizeBytes: 1024 },
		{ count: 2, sizeBytes: 512 },
	],
	writeSizeBytes: 4,
	erasedByte: 0xff,
	writeOnce: false,
	...options,
});

const openPart = (options: Partial<Geometry> = {}): Flash => new Flash({ geometry: geometryOf(options), store: new PageStore({ pageSizeBytes: 128 }) });

const bytesOf = (...values: number[]): Uint8Array => Uint8Array.from(values);

const MISUSES: readonly {
	readonly title: string;
	readonly code: FlashErrorCode;
	readonly geometry?: Partial<Geometry>;
	readonly run: (part: Flash) => void;
}[] = [
	{ title: 'a program off its units', code: 'misaligned', run: (part) => part.program(2, bytesOf(1, 2, 3, 4)) },
	{ title: 'a program of a part of a unit', code: 'misaligned', run: (part) => part.program(0, bytesOf(1, 2, 3)) },
	{ title: 'an erase of a part of a sector', code: 'misaligned', run: (part) => part.erase(0, 128) },
	{ title: 'an erase that begins inside a sector', code: 'misaligned', run: (part) => part.erase(128, 384) },
	{ title: 'an erase that ends inside the next sector', code: 'misaligned', run: (part) => part.erase(256, 512) },
	{ title: 'a read beyond the end', code: 'out-of-range', run: (part) => part.read(part.sizeBytes - 4, 8) },
	{ title: 'a read of nothing', code: 'out-of-range', run: (part) => part.read(0, 0) },
	{ title: 'a program before the start', code: 'out-of-range', run: (part) => part.program(-4, bytesOf(1, 2, 3, 4)) },
	{ title: 'an erase beyond the end', code: 'out-of-range', run: (part) => part.erase(part.sizeBytes - 512, 1024) },
	{
		title: 'a program that would set bits',
		code: 'not-erased',
		run: (part) => {
			part.program(0, bytesOf(0, 0, 0, 0));
			part.program(0, bytesOf(0, 0, 1, 0));
		},
	},
	{
		title: 'a program that would clear bits of a part erased to zero',
		code: 'not-erased',
		geometry: { erasedByte: 0x00 },
		run: (part) => {
			part.program(0, bytesOf(3, 3, 3, 3));
			part.program(0, bytesOf(3, 3, 1, 3));
		},
	},
	{
		title: 'a second program of a write-once unit, even with the same bytes',
		code: 'write-once',
		geometry: { writeOnce: true },
		run: (part) => {
			part.program(8, bytesOf(1, 2, 3, 4));
			part.program(8, bytesOf(1, 2, 3, 4));
		},
	},
	{
		title: 'a program over a write-once unit programmed with erased bytes',
		code: 'write-once',
		geometry: { writeOnce: true },
		run: (part) => {
			part.program(8, bytesOf(255, 255, 255, 255));
			part.program(4, bytesOf(1, 2, 3, 4, 1, 2, 3, 4));
		},
	},
	{
		title: 'an erase beyond endurance',
		code: 'worn',
		geometry: { enduranceCycles: 2 },
		run: (part) => {
			for (let cycle = 0; cycle < 3; cycle++) part.erase(256, 256);
		},
	},
];

for (const { title, code, geometry, run } of MISUSES) {
	test(`${title} is refused as ${code}`, (t) => {
		const part = openPart(geometry);
		t.is(t.throws(() => run(part), { instanceOf: FlashError })?.code, code);
	});
}

test('a refused program has no effect and is no operation', (t) => {
	const part = openPart();
	part.program(120, bytesOf(0, 0, 0, 0));
	const key = part.contentKey(0, part.sizeBytes);
	t.throws(() => part.program(112, new Uint8Array(64).fill(1)), { instanceOf: FlashError });
	t.is(part.contentKey(0, part.sizeBytes), key);
	t.is(part.operations, 1);
});

test('geometries that no part can have are refused', (t) => {
	for (const wrong of [
		{ writeSizeBytes: 0 },
		{ writeSizeBytes: 3 },
		{ writeSizeBytes: 256 },
		{ sectors: [] },
		{ sectors: [{ count: 1, sizeBytes: 100 }] },
		{ sectors: [{ count: 0, sizeBytes: 256 }] },
		{ enduranceCycles: 0 },
	]) {
		t.throws(() => openPart(wrong), { instanceOf: RangeError }, JSON.stringify(wrong));
	}
});

test('wear is counted for each sector, and each sector erased is one operation', (t) => {
	const part = openPart();
	part.erase(256, 256 + 1024 + 512);
	part.erase(0, 256);
	part.erase(0, 256);
	t.is(part.operations, 5);
	t.deepEqual(
		[0, 1, 2, 3, 4].map((index) => part.wear(index)),
		[2, 1, 1, 1, 0],
	);
	t.throws(() => part.wear(5), { instanceOf: RangeError });
});

for (const erasedByte of [0xff, 0x00] as const) {
	for (const writeSizeBytes of [1, 4, 32]) {
		test(`programs and erases agree with a plain byte array (erased ${erasedByte}, write size ${writeSizeBytes})`, (t) => {
			const size = 256 * 2 + 1024 + 512 * 2;
			const sectors = [
				[0, 256],
				[256, 256],
				[512, 1024],
				[1536, 512],
				[2048, 512],
			] as const;
			const operation = fc.oneof(
				fc.record({ kind: fc.constant('erase' as const), sector: fc.nat(sectors.length - 1) }),
				fc.record({
					kind: fc.constant('program' as const),
					unit: fc.nat(size / writeSizeBytes - 1),
					units: fc.integer({ min: 1, max: Math.floor(300 / writeSizeBytes) }),
					seed: fc.nat(255),
				}),
			);
			fc.assert(
				fc.property(fc.array(operation, { maxLength: 30 }), (operations) => {
					const part = openPart({ erasedByte, writeSizeBytes });
					const model = new Uint8Array(size).fill(erasedByte);
					for (const step of operations) {
						if (step.kind === 'erase') {
							const [offsetBytes, sizeBytes] = sectors[step.sector]!;
							part.erase(offsetBytes, sizeBytes);
							model.fill(erasedByte, offsetBytes, offsetBytes + sizeBytes);
							continue;
						}
						const offsetBytes = step.unit * writeSizeBytes;
						const lengthBytes = Math.min(step.units * writeSizeBytes, size - offsetBytes);
						const wanted = Uint8Array.from({ length: lengthBytes }, (_, index) => {
							const drawn = (step.seed * 31 + index * 17) & 0xff;
							const old = model[offsetBytes + index]!;
							return erasedByte === 0xff ? old & drawn : old | drawn;
						});
						part.program(offsetBytes, wanted);
						model.set(wanted, offsetBytes);
					}
					return Buffer.from(part.read(0, size)).equals(model) && Buffer.from(part.read(100, 1700)).equals(model.subarray(100, 1800));
				}),
				{ numRuns: 60, seed: 7 },
			);
			t.pass();
		});
	}
}

test('content keys are equal exactly when the bytes are', (t) => {
	const store = new PageStore({ pageSizeBytes: 128 });
	const left = new Flash({ geometry: geometryOf({}), store });
	const right = new Flash({ geometry: geometryOf({}), store });
	const key = (part: Flash) => part.contentKey(512, 300);
	t.is(key(left), key(right));
	left.program(512 + 296, bytesOf(1, 2, 3, 4));
	t.not(key(left), key(right));
	right.program(512 + 296, bytesOf(1, 2, 3, 4));
	t.is(key(left), key(right));
	left.program(512 + 300, bytesOf(1, 2, 3, 4));
	t.is(key(left), key(right), 'bytes behind the range');
	t.not(left.contentKey(512, 304), right.contentKey(512, 304));
	left.program(1536, new Uint8Array(300).fill(9));
	left.program(2048, new Uint8Array(300).fill(9));
	t.is(left.contentKey(1536, 300), left.contentKey(2048, 300), 'the same bytes elsewhere');
	t.not(left.contentKey(1536, 300), left.contentKey(1536, 299));
});

test('a snapshot brings back bytes, wear, spent and unreadable units', (t) => {
	const part = openPart({ writeOnce: true });
	part.program(0, new Uint8Array(8).fill(255));
	part.erase(256, 256);
	part.armCut({ operation: 0, tear: 'unreadable' });
	t.throws(() => part.program(512, bytesOf(1, 2, 3, 4)), { instanceOf: PowerLoss });
	part.powerOn();
	const snapshot = part.snapshot();
	const key = part.contentKey(0, part.sizeBytes);
	part.erase(0, part.sizeBytes);
	part.program(0, new Uint8Array(64));
	t.not(part.contentKey(0, part.sizeBytes), key);
	part.restore(snapshot);
	t.is(part.contentKey(0, part.sizeBytes), key);
	t.is(part.wear(0), 0);
	t.is(part.wear(1), 1);
	t.is(part.operations, 3);
	t.throws(() => part.program(4, bytesOf(1, 2, 3, 4)), { instanceOf: FlashError });
	t.throws(() => part.read(512, 4), { instanceOf: FlashError });
	t.throws(
		() => new Flash({ geometry: geometryOf({ sectors: [{ count: 1, sizeBytes: 256 }] }), store: new PageStore({ pageSizeBytes: 128 }) }).restore(snapshot),
		{ instanceOf: RangeError },
	);
});

test('a journal keeps what was asked for, between its start and its end', (t) => {
	const part = openPart();
	part.program(0, bytesOf(1, 2, 3, 4));
	part.startJournal();
	part.erase(0, 512);
	part.program(8, bytesOf(5, 6, 7, 8));
	t.deepEqual(part.stopJournal(), [
		{ sequence: 1, kind: 'erase', offsetBytes: 0, lengthBytes: 256 },
		{ sequence: 2, kind: 'erase', offsetBytes: 256, lengthBytes: 256 },
		{ sequence: 3, kind: 'program', offsetBytes: 8, bytes: bytesOf(5, 6, 7, 8) },
	]);
	t.throws(() => part.stopJournal(), { instanceOf: TypeError });
});

test('a rewrite is read back and tried again when the supply sagged', (t) => {
	const part = openPart();
	const area = { offsetBytes: 256, sizeBytes: 256 };
	part.armBrownOut(0, 1);
	t.true(rewriteArea(part, { area, bytes: bytesOf(1, 2, 3, 4, 5) }));
	t.deepEqual(part.read(256, 8), bytesOf(1, 2, 3, 4, 5, 255, 255, 255));
	t.is(part.operations, 4);
	part.armBrownOut(0, 1);
	t.false(rewriteArea(part, { area, bytes: bytesOf(1, 2, 3, 4, 5), attempts: 1 }));
});

test('a rewrite of a worn area says so and leaves it', (t) => {
	const part = openPart({ enduranceCycles: 1 });
	const area = { offsetBytes: 256, sizeBytes: 256 };
	t.true(rewriteArea(part, { area, bytes: bytesOf(1, 2, 3, 4) }));
	t.false(rewriteArea(part, { area, bytes: bytesOf(4, 3, 2, 1) }));
	t.deepEqual(part.read(256, 4), bytesOf(1, 2, 3, 4));
});

test('what a range holds, and whether it is erased, is told as a read would tell it', (t) => {
	const store = new PageStore({ pageSizeBytes: 128 });
	fc.assert(
		fc.property(
			fc.array(fc.record({ unit: fc.nat(511), bytes: fc.uint8Array({ minLength: 4, maxLength: 4 }) }), { maxLength: 8 }),
			fc.nat(2_000),
			fc.integer({ min: 1, max: 400 }),
			(programs, from, length) => {
				const part = new Flash({ geometry: geometryOf({}), store });
				for (const { unit, bytes } of programs) {
					if (part.isErased(unit * 4, 4)) part.program(unit * 4, bytes);
				}
				const lengthBytes = Math.min(length, part.sizeBytes - from);
				const read = part.read(from, lengthBytes);
				t.is(
					part.isErased(from, lengthBytes),
					read.every((byte) => byte === 0xff),
				);
				t.true(part.isHolding(from, read));
				for (const index of [0, lengthBytes >> 1, lengthBytes - 1]) {
					const other = Uint8Array.from(read);
					other[index] = (other[index] as number) ^ 1;
					t.false(part.isHolding(from, other));
				}
			},
		),
		{ seed: 1 },
	);
});

test('a unit in error is neither erased nor holds anything', (t) => {
	const part = openPart();
	part.armCut({ operation: 0, tear: 'unreadable' });
	t.throws(() => part.program(8, bytesOf(1, 2, 3, 4)), { instanceOf: PowerLoss });
	t.throws(() => part.isErased(0, 4), { instanceOf: PowerLoss });
	t.throws(() => part.isHolding(0, bytesOf(1)), { instanceOf: PowerLoss });
	part.powerOn();
	t.false(part.isErased(0, 64));
	t.false(part.isHolding(8, bytesOf(0xff, 0xff, 0xff, 0xff)));
	t.true(part.isErased(12, 64));
	t.true(part.isHolding(0, new Uint8Array(8).fill(0xff)));
	t.throws(() => part.isErased(part.sizeBytes, 1), { code: 'out-of-range' });
	t.throws(() => part.isHolding(-1, bytesOf(1)), { code: 'out-of-range' });
});

test('a restored part remembers the operations of the snapshot', (t) => {
	const store = new PageStore({ pageSizeBytes: 128 });
	const part = new Flash({ geometry: geometryOf({}), store });
	part.program(0, bytesOf(1, 2, 3, 4));
	const copy = new Flash({ geometry: geometryOf({}), store });
	copy.restore(part.snapshot());
	copy.erase(256, 256);
	t.deepEqual(copy.recent, [
		{ operation: 0, kind: 'program', offsetBytes: 0, lengthBytes: 4 },
		{ operation: 1, kind: 'erase', offsetBytes: 256, lengthBytes: 256 },
	]);
});
