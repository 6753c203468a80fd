import test from 'ava';
import { PowerLoss } from '../../../harness/flash/index.js';
import { BootMachine, imageOf } from '../boot-machine.test.support.js';
import { BootError } from '../index.js';
import { encodeOtaEntry, type OtaEntry, otaCrc, parseOtaEntry } from './ota-entry.js';

const IMAGES = [imageOf(1, 900), imageOf(2, 1000), imageOf(3, 950)] as const;

/** A part as it leaves the factory: version 1 in ota_0, version 2 in ota_1, both entries blank. */
const open = (): BootMachine => {
	const machine = new BootMachine('esp-otadata', { sectors: 2, sectorBytes: 1024, writeSizeBytes: 4 });
	machine.provision(IMAGES[0]);
	machine.install(IMAGES[1]);
	return machine;
};

const entriesOf = (machine: BootMachine): readonly string[] =>
	machine.laidOut.layout.records.map(({ offsetBytes }) => {
		const { sequence, state, isIntact } = parseOtaEntry(machine.flash.read(offsetBytes, 32));
		return sequence === 0xffff_ffff ? 'blank' : `${sequence} ${state}${isIntact ? '' : ' torn'}`;
	});

const put = (machine: BootMachine, ...entries: readonly (Pick<OtaEntry, 'sequence' | 'state'> | null)[]): void => {
	for (const [index, entry] of entries.entries()) {
		const { offsetBytes, sizeBytes } = machine.laidOut.layout.records[index]!;
		machine.flash.erase(offsetBytes, sizeBytes);
		if (entry !== null) machine.flash.program(offsetBytes, encodeOtaEntry(entry));
	}
};

test('an entry has the checksum of its sequence alone, as ESP-IDF computes it', (t) => {
	t.deepEqual([1, 2, 3, 4].map(otaCrc), [0x4743989a, 0x55f63774, 0xed4a5011, 0x709d68a8]);
	const bytes = encodeOtaEntry({ sequence: 3, state: 'pending-verify' });
	t.is(Buffer.from(bytes).toString('hex'), `03000000${'ff'.repeat(20)}0100000011504aed`);
	t.deepEqual(parseOtaEntry(bytes), { sequence: 3, state: 'pending-verify', isIntact: true });
	bytes[24] = 9;
	t.deepEqual(parseOtaEntry(bytes), { sequence: 3, state: 9, isIntact: true });
	bytes[0] = 2;
	t.false(parseOtaEntry(bytes).isIntact);
});

test('a blank part runs ota_0 and notes it', (t) => {
	const machine = open();
	t.is(machine.bootloader.state(), null);
	t.deepEqual(machine.bootloader.boot(), { kind: 'run', slot: 'a', trial: false, reverted: false, attempt: 0 });
	t.deepEqual(entriesOf(machine), ['1 valid', 'blank']);
	const { operations } = machine.flash;
	machine.bootloader.boot();
	t.is(machine.flash.operations, operations);
});

test('a new image is pending while it is tried, valid once it confirms itself, and aborted at the next boot if it does not', (t) => {
	const machine = open();
	machine.bootloader.boot();
	machine.bootloader.requestTrial('b');
	t.deepEqual(entriesOf(machine), ['1 valid', '2 new']);
	t.like(machine.bootloader.state(), { active: 'a', trial: 'b', attemptsLeft: 1 });
	t.deepEqual(machine.bootloader.boot(), { kind: 'run', slot: 'b', trial: true, reverted: false, attempt: 1 });
	t.deepEqual(entriesOf(machine), ['1 valid', '2 pending-verify']);
	t.is(t.throws(() => machine.bootloader.requestTrial('a'), { instanceOf: BootError })?.code, 'trial-running');
	const trial = machine.flash.snapshot();
	t.deepEqual(machine.bootloader.boot(), { kind: 'run', slot: 'a', trial: false, reverted: true, attempt: 0 });
	t.deepEqual(entriesOf(machine), ['1 valid', '2 aborted']);
	t.is(machine.counter, 1);
	machine.flash.restore(trial);
	machine.bootloader.confirm();
	t.deepEqual(entriesOf(machine), ['1 valid', '2 valid']);
	t.is(machine.counter, 2);
	t.deepEqual(machine.bootloader.boot(), { kind: 'run', slot: 'b', trial: false, reverted: false, attempt: 0 });
	t.is(t.throws(() => machine.bootloader.requestTrial('a'), { instanceOf: BootError })?.code, 'image-refused');
	t.deepEqual(entriesOf(machine), ['1 valid', '2 valid']);
});

test('a request goes to the entry that does not count, with the next sequence that names the slot', (t) => {
	for (const [entries, slot, expected] of [
		[[null, null], 'b', ['2 new', 'blank']],
		[[{ sequence: 1, state: 'valid' }, null], 'b', ['1 valid', '2 new']],
		[
			[
				{ sequence: 3, state: 'valid' },
				{ sequence: 2, state: 'valid' },
			],
			'b',
			['3 valid', '4 new'],
		],
		[
			[
				{ sequence: 3, state: 'valid' },
				{ sequence: 4, state: 'aborted' },
			],
			'b',
			['3 valid', '4 new'],
		],
		[[{ sequence: 7, state: 'undefined' }, null], 'a', ['7 new', 'blank']],
		[
			[
				{ sequence: 2, state: 'valid' },
				{ sequence: 1, state: 'valid' },
			],
			'a',
			['2 valid', '3 new'],
		],
		[
			[
				{ sequence: 1, state: 'valid' },
				{ sequence: 2, state: 'new' },
			],
			'b',
			['1 valid', '2 new'],
		],
	] as const) {
		const machine = open();
		put(machine, ...entries);
		machine.bootloader.requestTrial(slot);
		t.deepEqual(entriesOf(machine), expected);
	}
});

test('of two entries the valid one with the larger sequence counts, whatever a state says that nobody knows', (t) => {
	for (const [entries, slot] of [
		[
			[
				{ sequence: 1, state: 'valid' },
				{ sequence: 2, state: 'valid' },
			],
			'b',
		],
		[
			[
				{ sequence: 3, state: 'valid' },
				{ sequence: 2, state: 'valid' },
			],
			'a',
		],
		[
			[
				{ sequence: 1, state: 'valid' },
				{ sequence: 2, state: 'invalid' },
			],
			'a',
		],
		[
			[
				{ sequence: 1, state: 'valid' },
				{ sequence: 2, state: 'aborted' },
			],
			'a',
		],
		[
			[
				{ sequence: 1, state: 'valid' },
				{ sequence: 2, state: 77 },
			],
			'b',
		],
		[
			[
				{ sequence: 1, state: 'undefined' },
				{ sequence: 2, state: 'undefined' },
			],
			'b',
		],
		[
			[
				{ sequence: 2, state: 'valid' },
				{ sequence: 2, state: 'invalid' },
			],
			'b',
		],
		[
			[
				{ sequence: 1, state: 'aborted' },
				{ sequence: 2, state: 'aborted' },
			],
			'a',
		],
	] as const) {
		const machine = open();
		put(machine, ...entries);
		const kept = entriesOf(machine);
		t.like(machine.bootloader.boot(), { kind: 'run', slot, trial: false }, JSON.stringify(entries));
		t.deepEqual(entriesOf(machine), kept);
	}
});

test('an image that does not pass gives way to the one in the other slot, and no image to nothing', (t) => {
	const machine = open();
	put(machine, { sequence: 1, state: 'valid' }, { sequence: 2, state: 'new' });
	machine.flash.program(machine.bootloader.imageArea('b').offsetBytes + 512, new Uint8Array(64));
	t.deepEqual(machine.bootloader.boot(), { kind: 'run', slot: 'a', trial: false, reverted: true, attempt: 0 });
	t.deepEqual(entriesOf(machine), ['1 valid', '2 pending-verify']);
	t.is(t.throws(() => machine.bootloader.requestTrial('b'), { instanceOf: BootError })?.code, 'trial-running');
	machine.bootloader.boot();
	t.is(t.throws(() => machine.bootloader.requestTrial('b'), { instanceOf: BootError })?.code, 'image-refused');
	machine.flash.program(machine.bootloader.imageArea('a').offsetBytes + 512, new Uint8Array(64));
	t.like(machine.bootloader.boot(), { kind: 'none' });
});

test('a confirm erases the only entry that counts before it writes it again: power in between gives the old image back', (t) => {
	const machine = open();
	machine.bootloader.boot();
	machine.bootloader.requestTrial('b');
	machine.bootloader.boot();
	machine.flash.armCut({ operation: 1, tear: 'before' });
	t.throws(() => machine.bootloader.confirm(), { instanceOf: PowerLoss });
	machine.flash.powerOn();
	t.deepEqual(entriesOf(machine), ['1 valid', 'blank']);
	t.like(machine.bootloader.boot(), { slot: 'a', trial: false, reverted: false });
});

test('power lost while a new entry is made pending loses the update, and the old image runs', (t) => {
	const machine = open();
	machine.bootloader.boot();
	machine.bootloader.requestTrial('b');
	machine.flash.armCut({ operation: 1, tear: 'before' });
	t.throws(() => machine.bootloader.boot(), { instanceOf: PowerLoss });
	machine.flash.powerOn();
	t.like(machine.bootloader.boot(), { slot: 'a', trial: false });
});

test('power lost at every operation of an update leaves an image that boots whole', (t) => {
	const machine = open();
	machine.bootloader.boot();
	const start = machine.flash.snapshot();
	for (const tear of ['before', 'after', 'prefix', 'half', 'bits'] as const) {
		for (let operation = 0; ; operation++) {
			machine.flash.restore(start);
			machine.counter = 1;
			machine.flash.armCut({ operation, tear });
			try {
				machine.bootloader.requestTrial('b');
				machine.bootloader.boot();
				machine.bootloader.confirm();
				t.is(operation, 6);
				break;
			} catch (error) {
				if (!(error instanceof PowerLoss)) throw error;
				machine.flash.powerOn();
				for (let boot = 0; boot < 3; boot++) t.not(machine.runs(machine.bootloader.boot(), IMAGES), null, `${tear} ${operation}`);
			}
		}
	}
});
