import test from 'ava';
import { Flash, type Geometry, PageStore, sweepCuts } from '../../../harness/flash/index.js';
import { StorageError, UPDATE_PHASES, type UpdateJob, UpdateJournal, type UpdatePhase } from './index.js';

const AREA = { offsetBytes: 256, sizeBytes: 1536 };

const GEOMETRIES: readonly Partial<Geometry>[] = [1, 4, 8, 16, 32].flatMap((writeSizeBytes) =>
	[true, false].map((writeOnce) => ({ writeSizeBytes, writeOnce, erasedByte: writeSizeBytes === 16 ? (0x00 as const) : (0xff as const) })),
);

const openPart = (geometry: Partial<Geometry> = {}): Flash =>
	new Flash({
		geometry: {
			sectors: [
				{ count: 1, sizeBytes: 256 },
				{ count: 2, sizeBytes: 512 },
				{ count: 2, sizeBytes: 256 },
				{ count: 1, sizeBytes: 2048 },
			],
			writeSizeBytes: 4,
			erasedByte: 0xff,
			writeOnce: false,
			...geometry,
		},
		store: new PageStore({ pageSizeBytes: 128 }),
	});

/** New at each call, as after a reset. */
const journalOn = (flash: Flash): UpdateJournal => new UpdateJournal({ flash, area: AREA });

const jobOf = (job: string, blocks = 6): UpdateJob => ({
	job,
	digest: 'ab'.repeat(32),
	sizeBytes: blocks * 64 - 10,
	blockSizeBytes: 64,
	slot: 'b',
	facts: { stream: 'stream-1' },
});

const block = (job: string, index: number): Uint8Array => new Uint8Array(64).fill(job.length * 16 + index);

test('a journal is what was begun, across resets', (t) => {
	const flash = openPart();
	t.is(journalOn(flash).current(), null);
	const journal = journalOn(flash);
	journal.begin(jobOf('job-1'));
	t.deepEqual(journal.current(), { ...jobOf('job-1'), phase: 'downloading', blocks: 6, received: 0 });
	t.true(journal.markBlock(3));
	t.true(journal.markBlock(0));
	t.true(journal.markBlock(3));
	const again = journalOn(flash);
	t.deepEqual(again.missing(), [1, 2, 4, 5]);
	t.true(again.hasBlock(3));
	t.false(again.hasBlock(1));
	t.is(again.current()?.received, 2);
	for (const phase of UPDATE_PHASES) {
		again.setPhase(phase);
		again.setPhase(phase);
		t.is(journalOn(flash).current()?.phase, phase);
	}
	t.throws(() => again.setPhase('downloaded'), { instanceOf: RangeError });
	again.clear();
	again.clear();
	t.is(journalOn(flash).current(), null);
	journalOn(flash).begin(jobOf('job-22'));
	t.deepEqual(journalOn(flash).missing(), [0, 1, 2, 3, 4, 5]);
});

test('a mark is one operation, and one that is made already none', (t) => {
	const flash = openPart();
	const journal = journalOn(flash);
	journal.begin(jobOf('job-1'));
	const { operations } = flash;
	journal.markBlock(2);
	journal.markBlock(2);
	journalOn(flash).markBlock(2);
	t.is(flash.operations, operations + 1);
});

test('what a journal cannot do is refused', (t) => {
	const flash = openPart();
	const journal = journalOn(flash);
	for (const run of [() => journal.markBlock(0), () => journal.hasBlock(0), () => journal.missing(), () => journal.setPhase('downloaded')]) {
		t.is(t.throws(run, { instanceOf: StorageError })?.code, 'no-journal');
	}
	journal.clear();
	t.is(t.throws(() => journal.begin(jobOf('job-1', 2_000)), { instanceOf: StorageError })?.code, 'no-room');
	t.throws(() => journal.begin({ ...jobOf('job-1'), sizeBytes: 0 }), { instanceOf: RangeError });
	t.throws(() => journal.begin({ ...jobOf('job-1'), blockSizeBytes: 0 }), { instanceOf: RangeError });
	journal.begin(jobOf('job-1'));
	for (const index of [-1, 6, 0.5]) t.throws(() => journal.markBlock(index), { instanceOf: RangeError });
	t.throws(() => new UpdateJournal({ flash, area: { offsetBytes: 256, sizeBytes: 300 } }), { instanceOf: RangeError });
});

test('marks that power tears again and again never claim their block, and at last are kept in memory alone', (t) => {
	// Not `prefix`: the last byte of this mark is an erased one, so that the mark is whole without it.
	for (const tear of ['before', 'half', 'bits', 'unreadable'] as const) {
		const flash = openPart({ writeOnce: true, writeSizeBytes: 32 });
		journalOn(flash).begin(jobOf('job-1'));
		for (let round = 0; round < 60; round++) {
			const journal = journalOn(flash);
			t.false(journal.hasBlock(1));
			flash.armCut({ operation: 0, tear, tearSeed: round });
			try {
				t.false(journal.markBlock(1));
				t.true(journal.hasBlock(1));
			} catch {
				flash.powerOn();
			}
			flash.disarm();
		}
		const journal = journalOn(flash);
		journal.markBlock(2);
		for (const phase of UPDATE_PHASES) journal.setPhase(phase);
		t.is(journalOn(flash).current()?.phase, 'confirmed');
		journalOn(flash).begin(jobOf('job-22'));
		t.is(journalOn(flash).current()?.job, 'job-22');
	}
});

test('a mark or begin that the supply spoils is made again', (t) => {
	for (let seed = 0; seed < 20; seed++) {
		const flash = openPart({ writeOnce: true, writeSizeBytes: 8 });
		flash.armBrownOut(0, seed);
		journalOn(flash).begin(jobOf('job-1'));
		flash.armBrownOut(0, seed);
		journalOn(flash).markBlock(4);
		t.is(flash.fired.length, 2);
		t.deepEqual(journalOn(flash).missing(), [0, 1, 2, 3, 5]);
		flash.armBrownOut(0, seed);
		journalOn(flash).clear();
		t.is(journalOn(flash).current(), null);
	}
});

test('garbage reads as no journal', (t) => {
	for (let seed = 0; seed < 40; seed++) {
		const flash = openPart();
		flash.program(AREA.offsetBytes, new Uint8Array(AREA.sizeBytes).fill(seed));
		flash.armCut({ operation: seed % 3, tear: 'bits', tearSeed: seed });
		t.throws(() => flash.erase(AREA.offsetBytes, AREA.sizeBytes));
		flash.powerOn();
		t.is(journalOn(flash).current(), null);
		journalOn(flash).begin(jobOf('job-1'));
		t.deepEqual(journalOn(flash).missing(), [0, 1, 2, 3, 4, 5]);
	}
});

for (const geometry of GEOMETRIES) {
	test(`power lost at every operation of two updates never makes a journal claim what is not there: ${JSON.stringify(geometry)}`, (t) => {
		const flash = openPart(geometry);
		const slotBytes = 1792;
		let step = '';
		const update = (job: string): void => {
			step = `begin ${job}`;
			journalOn(flash).begin(jobOf(job));
			flash.erase(slotBytes, 2048);
			for (const index of [0, 2, 1, 5, 4, 3]) {
				step = `block ${job}`;
				flash.program(slotBytes + index * 64, block(job, index));
				journalOn(flash).markBlock(index);
			}
			for (const phase of UPDATE_PHASES.slice(1)) {
				step = `phase ${job} ${phase}`;
				journalOn(flash).setPhase(phase);
			}
			step = `clear ${job}`;
			journalOn(flash).clear();
		};
		const check = (cut: object): void => {
			const wrong = (message: string): never => {
				throw new Error(`${JSON.stringify(cut)} in ${step}: ${message}`);
			};
			const journal = journalOn(flash);
			const current = journal.current();
			if (current === null) {
				if (!step.startsWith('begin') && !step.startsWith('clear')) wrong('the journal was lost');
			} else {
				const claimed = [0, 1, 2, 3, 4, 5].filter((index) => journal.hasBlock(index));
				for (const index of claimed) {
					const isThere = Buffer.from(flash.read(slotBytes + index * 64, 64)).equals(block(current.job, index));
					if (!isThere) wrong(`block ${index} is claimed and is not there`);
				}
				const asked = step.split(' ')[2] ?? (step.startsWith('clear') ? 'confirmed' : 'downloading');
				if (!step.startsWith('begin') && UPDATE_PHASES.indexOf(current.phase) > UPDATE_PHASES.indexOf(asked as UpdatePhase)) wrong(`phase ${current.phase}`);
				if (!step.startsWith('begin') && current.job !== step.split(' ')[1]) wrong(`job ${current.job}`);
			}
			// The device goes on: what is missing is written and marked, then everything ends as without the cut.
			if (current !== null && step.startsWith('block')) {
				for (const index of journal.missing()) journal.markBlock(index);
				if (journalOn(flash).missing().length > 0) wrong('marks cannot be completed');
			}
			if (current !== null) journalOn(flash).clear();
			if (journalOn(flash).current() !== null) wrong('it cannot be cleared');
			journalOn(flash).begin(jobOf('job-333'));
			if (journalOn(flash).missing().length !== 6) wrong('a new journal begins with old marks');
		};
		const session = (): void => {
			update('job-1');
			update('job-22');
		};
		const cuts = sweepCuts({ flash, start: flash.snapshot(), session, check, seeds: 2 });
		t.true(cuts > 200, `${cuts} cuts`);
	});
}

test('power lost inside a begin over a journal in progress leaves the old one, the new one or none', (t) => {
	const flash = openPart({ writeSizeBytes: 1 });
	const journal = journalOn(flash);
	journal.begin(jobOf('job-1', 100));
	for (let index = 0; index < 50; index++) journal.markBlock(index);
	const cuts = sweepCuts({
		flash,
		start: flash.snapshot(),
		session: () => journalOn(flash).begin(jobOf('job-22', 100)),
		check: (cut) => {
			const left = journalOn(flash);
			const current = left.current();
			if (current === null || (current.job === 'job-22' && current.received === 0)) return;
			if (current.job === 'job-1' && current.received === 50 && left.missing()[0] === 50) return;
			throw new Error(`${JSON.stringify(cut)}: ${JSON.stringify(current)}`);
		},
		seeds: 10,
	});
	t.true(cuts > 60, `${cuts} cuts`);
});
