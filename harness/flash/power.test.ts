import test from 'ava';
import { TEAR_MODES, type TearMode } from '../faults/index.js';
import { type FiredFlashFault, Flash, FlashError, type Geometry, PageStore, PowerLoss } from './index.js';

const SECTOR = 256;
const SIZE = 4 * SECTOR;

const openPart = (options: Partial<Geometry> & { readonly onFired?: (fault: FiredFlashFault) => void } = {}): Flash => {
	const { onFired, ...geometry } = options;
	return new Flash({
		geometry: { sectors: [{ count: 4, sizeBytes: SECTOR }], writeSizeBytes: 4, erasedByte: 0xff, writeOnce: false, ...geometry },
		store: new PageStore({ pageSizeBytes: 64 }),
		...(onFired ? { onFired } : {}),
	});
};

const pattern = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (index * 37 + 11) & 0xff);

const cutProgram = (
	part: Flash,
	options: { readonly offsetBytes: number; readonly bytes: Uint8Array; readonly tear: TearMode; readonly tearSeed: number },
): void => {
	part.armCut({ operation: 0, tear: options.tear, tearSeed: options.tearSeed });
	try {
		part.program(options.offsetBytes, options.bytes);
	} catch (error) {
		if (!(error instanceof PowerLoss)) throw error;
		part.powerOn();
		return;
	}
	throw new Error('the program was expected to lose power');
};

const cutErase = (part: Flash, options: { readonly offsetBytes: number; readonly tear: TearMode; readonly tearSeed: number }): void => {
	part.armCut({ operation: 0, tear: options.tear, tearSeed: options.tearSeed });
	try {
		part.erase(options.offsetBytes, SECTOR);
	} catch (error) {
		if (!(error instanceof PowerLoss)) throw error;
		part.powerOn();
		return;
	}
	throw new Error('the erase was expected to lose power');
};

const LEAVES_PART: readonly TearMode[] = ['prefix', 'half', 'bits'];

for (const tear of TEAR_MODES) {
	for (const erasedByte of [0xff, 0x00] as const) {
		for (const writeSizeBytes of [1, 4, 32]) {
			test(`a program torn ${tear} changes only bits that were to change (erased ${erasedByte}, write size ${writeSizeBytes})`, (t) => {
				for (const lengthBytes of [writeSizeBytes, 5 * writeSizeBytes]) {
					for (let tearSeed = 0; tearSeed < 20; tearSeed++) {
						const part = openPart({ erasedByte, writeSizeBytes });
						part.program(
							96,
							pattern(32).map((byte) => (erasedByte === 0xff ? byte | 0x0f : byte & 0xf0)),
						);
						const before = part.read(0, SIZE);
						const wanted = pattern(lengthBytes).map((byte, index) => (erasedByte === 0xff ? byte & before[96 + index]! : byte | before[96 + index]!));
						cutProgram(part, { offsetBytes: 96, bytes: wanted, tear, tearSeed });
						if (tear === 'unreadable') {
							const error = t.throws(() => part.read(0, SIZE), { instanceOf: FlashError });
							t.is(error?.code, 'unreadable');
							t.true(error!.offsetBytes >= 96 && error!.offsetBytes < 96 + lengthBytes);
							t.deepEqual(part.read(0, 96), before.subarray(0, 96));
							t.deepEqual(part.read(96 + lengthBytes, 100), before.subarray(96 + lengthBytes, 196 + lengthBytes));
							part.erase(0, SECTOR);
							t.deepEqual(part.read(0, SECTOR), new Uint8Array(SECTOR).fill(erasedByte));
							continue;
						}
						const after = part.read(0, SIZE);
						const full = before.slice();
						full.set(wanted, 96);
						t.true(after.every((byte, index) => ((byte ^ before[index]!) & ~(before[index]! ^ full[index]!)) === 0));
						if (tear === 'before') t.deepEqual(after, before);
						if (tear === 'after') t.deepEqual(after, full);
					}
				}
			});
		}
	}
	test(`an erase torn ${tear} stays in its sector, and the sector is whole again after the next erase`, (t) => {
		for (let tearSeed = 0; tearSeed < 20; tearSeed++) {
			const part = openPart();
			part.program(0, pattern(SIZE));
			cutErase(part, { offsetBytes: SECTOR, tear, tearSeed });
			t.deepEqual(part.read(0, SECTOR), pattern(SIZE).subarray(0, SECTOR));
			t.deepEqual(part.read(2 * SECTOR, 2 * SECTOR), pattern(SIZE).subarray(2 * SECTOR));
			if (tear === 'unreadable') t.is(t.throws(() => part.read(SECTOR + 17, 1), { instanceOf: FlashError })?.code, 'unreadable');
			else if (tear === 'before') t.deepEqual(part.read(SECTOR, SECTOR), pattern(SIZE).subarray(SECTOR, 2 * SECTOR));
			else if (tear === 'after') t.deepEqual(part.read(SECTOR, SECTOR), new Uint8Array(SECTOR).fill(255));
			t.is(part.wear(1), tear === 'before' ? 0 : 1);
			part.erase(SECTOR, SECTOR);
			part.program(SECTOR, pattern(SECTOR));
			t.deepEqual(part.read(SECTOR, SECTOR), pattern(SECTOR));
		}
	});
}

for (const tear of LEAVES_PART) {
	test(`a program torn ${tear} leaves neither the old nor the wanted bytes`, (t) => {
		for (const lengthBytes of [4, 64]) {
			const part = openPart();
			cutProgram(part, { offsetBytes: 0, bytes: new Uint8Array(lengthBytes), tear, tearSeed: 3 });
			const left = part.read(0, lengthBytes);
			t.true(left.some((byte) => byte !== 0));
			t.true(left.some((byte) => byte !== 255));
		}
	});

	test(`an erase torn ${tear} leaves a sector that is neither old nor blank, and that a write-once part refuses to program`, (t) => {
		const part = openPart({ writeOnce: true });
		part.program(0, pattern(SECTOR));
		cutErase(part, { offsetBytes: 0, tear, tearSeed: 3 });
		const left = part.read(0, SECTOR);
		t.notDeepEqual(left, pattern(SECTOR));
		t.true(left.some((byte) => byte !== 255));
		for (let at = 0; at < SECTOR; at += 4) t.throws(() => part.program(at, pattern(4)), { code: 'write-once' });
	});
}

test('different seeds tear differently and the same seed the same', (t) => {
	const tornWith = (tearSeed: number): string => {
		const part = openPart();
		cutProgram(part, { offsetBytes: 0, bytes: pattern(64), tear: 'bits', tearSeed });
		return Buffer.from(part.read(0, 64)).toString('hex');
	};
	t.is(tornWith(1), tornWith(1));
	t.is(new Set([0, 1, 2, 3, 4].map(tornWith)).size, 5);
});

test('an unreadable unit keeps its neighbours readable and refuses a program until erased', (t) => {
	const part = openPart();
	cutProgram(part, { offsetBytes: 64, bytes: pattern(4), tear: 'unreadable', tearSeed: 0 });
	t.is(part.read(60, 4).length, 4);
	t.is(part.read(68, 4).length, 4);
	t.throws(() => part.program(64, pattern(4)), { code: 'unreadable' });
	const key = part.contentKey(0, SECTOR);
	part.erase(0, SECTOR);
	t.not(part.contentKey(0, SECTOR), key);
	t.is(part.contentKey(0, SECTOR), part.contentKey(SECTOR, SECTOR));
});

test('a cut counts operations from when it is armed, fires once and leaves evidence', (t) => {
	const seen: FiredFlashFault[] = [];
	const part = openPart({ onFired: (fault) => seen.push(fault) });
	part.program(0, pattern(4));
	part.armCut({ operation: 2, tear: 'half' });
	part.erase(0, 2 * SECTOR);
	t.deepEqual(part.fired, []);
	t.is(t.throws(() => part.program(8, pattern(8)), { instanceOf: PowerLoss })?.operation, 3);
	const fault: FiredFlashFault = { operation: 3, kind: 'program', offsetBytes: 8, lengthBytes: 8, tear: 'half' };
	t.deepEqual(part.fired, [fault]);
	t.deepEqual(seen, [fault]);
	part.powerOn();
	part.program(32, pattern(8));
	t.is(part.operations, 5);
});

test('a device without power reaches nothing until power is back', (t) => {
	const part = openPart();
	part.armCut({ operation: 0, tear: 'after' });
	t.throws(() => part.program(0, pattern(4)), { instanceOf: PowerLoss });
	t.throws(() => part.program(4, pattern(4)), { instanceOf: PowerLoss });
	t.throws(() => part.erase(0, SECTOR), { instanceOf: PowerLoss });
	t.throws(() => part.read(0, 4), { instanceOf: PowerLoss });
	t.false(part.isPowered);
	part.powerOn();
	t.deepEqual(part.read(0, 8), Uint8Array.of(...pattern(4), 255, 255, 255, 255));
	part.powerOff();
	t.throws(() => part.read(0, 4), { instanceOf: PowerLoss });
});

test('a disarmed cut does not fire', (t) => {
	const part = openPart();
	part.armCut({ operation: 0, tear: 'bits' });
	part.armBrownOut(0, 1);
	part.disarm();
	part.program(0, pattern(64));
	t.deepEqual(part.read(0, 64), pattern(64));
	t.deepEqual(part.fired, []);
});

test('a brown-out leaves a program that changes something short of at least one bit, for every seed', (t) => {
	for (let seed = 0; seed < 50; seed++) {
		const part = openPart();
		part.armBrownOut(1, seed);
		part.program(0, pattern(16));
		part.program(16, new Uint8Array(4).fill(255));
		part.erase(SECTOR, SECTOR);
		part.program(32, pattern(16));
		t.deepEqual(part.read(0, 16), pattern(16));
		const left = part.read(32, 16);
		t.notDeepEqual(left, pattern(16));
		t.true(left.every((byte, index) => (pattern(16)[index]! & ~byte) === 0));
		t.deepEqual(part.fired, [{ operation: 3, kind: 'program', offsetBytes: 32, lengthBytes: 16, tear: 'brown-out' }]);
		part.program(64, pattern(16));
		t.deepEqual(part.read(64, 16), pattern(16));
	}
});

test('a journal keeps the operation that power cut short', (t) => {
	const part = openPart();
	part.startJournal();
	t.notThrows(() => cutErase(part, { offsetBytes: 0, tear: 'half', tearSeed: 0 }));
	t.deepEqual(part.stopJournal(), [{ sequence: 0, kind: 'erase', offsetBytes: 0, lengthBytes: SECTOR }]);
});

test('a write-once unit torn before a visible bit moved looks blank and takes no program', (t) => {
	const part = openPart({ writeOnce: true });
	cutProgram(part, { offsetBytes: 8, bytes: Uint8Array.of(255, 255, 0, 0), tear: 'half', tearSeed: 0 });
	t.deepEqual(part.read(8, 4), new Uint8Array(4).fill(255));
	t.throws(() => part.program(8, pattern(4)), { code: 'write-once' });
	part.program(12, pattern(4));
	part.erase(0, SECTOR);
	part.program(8, pattern(4));
});
