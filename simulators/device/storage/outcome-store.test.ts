import test from 'ava';
import { Flash, type Geometry, PageStore, sweepCuts } from '../../../harness/flash/index.js';
import { OutcomeStore, StorageError, type UpdateOutcome } from './index.js';

const AREA = { offsetBytes: 256, sizeBytes: 512 };

const GEOMETRIES: readonly Partial<Geometry>[] = [1, 4, 8, 16, 32].flatMap((writeSizeBytes) =>
	[true, false].map((writeOnce) => ({ writeSizeBytes, writeOnce })),
);

const openPart = (geometry: Partial<Geometry> = {}): Flash =>
	new Flash({
		geometry: {
			sectors: [
				{ count: 1, sizeBytes: 256 },
				{ count: 1, sizeBytes: 512 },
			],
			writeSizeBytes: 4,
			erasedByte: 0xff,
			writeOnce: false,
			...geometry,
		},
		store: new PageStore({ pageSizeBytes: 128 }),
	});

/** New at each call, as after a reset. */
const storeOn = (flash: Flash): OutcomeStore => new OutcomeStore({ flash, area: AREA });

const outcomeOf = (index: number): UpdateOutcome => ({ job: `job-${index}`, status: 'FAILED', reason: 'not-confirmed', facts: { version: '1.0.0' } });

test('an outcome stays until it is acknowledged', (t) => {
	const flash = openPart();
	t.is(storeOn(flash).pending(), null);
	storeOn(flash).acknowledge();
	t.is(flash.operations, 0);
	for (let index = 0; index < 20; index++) {
		storeOn(flash).record(outcomeOf(index));
		t.deepEqual(storeOn(flash).pending(), outcomeOf(index));
		storeOn(flash).acknowledge();
		t.is(storeOn(flash).pending(), null);
	}
	t.true(flash.wear(1) > 1 && flash.wear(1) < 15);
});

test('the last jobs are remembered with how they ended, through an erase and no longer than for six others', (t) => {
	const flash = openPart();
	t.is(storeOn(flash).recall('job-0'), undefined);
	for (let index = 0; index < 12; index++) {
		storeOn(flash).record({ job: `job-${index}`, status: index % 2 === 0 ? 'SUCCEEDED' : 'FAILED', reason: 'told before' });
		storeOn(flash).acknowledge();
	}
	t.true(flash.wear(1) > 1);
	t.deepEqual(storeOn(flash).recall('job-11'), { job: 'job-11', status: 'FAILED', reason: 'told before' });
	for (let index = 5; index < 11; index++)
		t.deepEqual(storeOn(flash).recall(`job-${index}`), { job: `job-${index}`, status: index % 2 === 0 ? 'SUCCEEDED' : 'FAILED' });
	t.is(storeOn(flash).recall('job-4'), undefined);
	t.is(storeOn(flash).recall('job-12'), undefined);
	storeOn(flash).record({ job: 'job-10', status: 'REJECTED' });
	t.is(storeOn(flash).recall('job-10')?.status, 'REJECTED');
	t.is(storeOn(flash).recall('job-11')?.status, 'FAILED');
});

test('a supply that sags inside a record does not spoil it', (t) => {
	for (let seed = 0; seed < 10; seed++) {
		const flash = openPart({ writeOnce: true });
		flash.armBrownOut(0, seed);
		storeOn(flash).record(outcomeOf(1));
		t.is(flash.fired.length, 1);
		t.deepEqual(storeOn(flash).pending(), outcomeOf(1));
	}
});

test('an outcome that does not fit is refused', (t) => {
	const flash = openPart();
	t.is(t.throws(() => storeOn(flash).record({ job: 'x'.repeat(600), status: 'FAILED' }), { instanceOf: StorageError })?.code, 'no-room');
	t.throws(() => new OutcomeStore({ flash, area: { offsetBytes: 256, sizeBytes: 256 } }), { instanceOf: RangeError });
});

for (const geometry of GEOMETRIES) {
	test(`power lost at every operation leaves an outcome pending or acknowledged, never another: ${JSON.stringify(geometry)}`, (t) => {
		const flash = openPart(geometry);
		let expected: readonly (UpdateOutcome | null)[] = [];
		const session = (): void => {
			for (let index = 0; index < 8; index++) {
				expected = [null, outcomeOf(index)];
				storeOn(flash).record(outcomeOf(index));
				storeOn(flash).acknowledge();
			}
		};
		const check = (cut: object): void => {
			const pending = storeOn(flash).pending();
			if (!expected.some((allowed) => JSON.stringify(allowed) === JSON.stringify(pending)))
				throw new Error(`${JSON.stringify(cut)}: ${JSON.stringify(pending)}`);
			storeOn(flash).acknowledge();
			if (storeOn(flash).pending() !== null) throw new Error(`${JSON.stringify(cut)}: it cannot be acknowledged`);
			storeOn(flash).record(outcomeOf(99));
			if (storeOn(flash).pending()?.job !== 'job-99') throw new Error(`${JSON.stringify(cut)}: the next outcome is not kept`);
		};
		const cuts = sweepCuts({ flash, start: flash.snapshot(), session, check, seeds: 3 });
		t.true(cuts >= 16 * 6, `${cuts} cuts`);
	});
}
