import test from 'ava';
import { BootMachine, type BootMachineOptions, imageOf } from '../boot-machine.test.support.js';
import { BootError, type McubootName } from '../index.js';

const SWAPS: readonly McubootName[] = ['mcuboot-swap-move', 'mcuboot-swap-scratch', 'mcuboot-swap-offset'];
const ALL: readonly McubootName[] = [...SWAPS, 'mcuboot-overwrite'];
const KIB: BootMachineOptions = { sectors: 6, sectorBytes: 1024, writeSizeBytes: 4, settings: { maxSectors: 16 } };
const IMAGES = [imageOf(1, 2100), imageOf(2, 2300)] as const;
/** Widest field unit, by write size: BOOT_MAX_ALIGN. */
const FIELD_BYTES: Readonly<Record<number, number>> = { 1: 8, 4: 8, 8: 8, 16: 16, 32: 32 };

const open = (name: McubootName, options: Partial<BootMachineOptions> = {}): BootMachine => {
	const machine = new BootMachine(name, { ...KIB, ...options, settings: { ...KIB.settings, ...options.settings } });
	machine.provision(IMAGES[0]);
	machine.install(IMAGES[1]);
	return machine;
};

/** magic, image_ok, copy_done and swap_info of a slot's trailer, each from where the format has it: good, a byte in hex, or a dash. */
const trailerOf = (machine: BootMachine, slot: 'a' | 'b'): string => {
	const { slotA, slotB } = machine.laidOut.layout;
	const area = slot === 'a' ? slotA : slotB;
	const { writeSizeBytes, erasedByte } = machine.flash.geometry;
	const fieldBytes = FIELD_BYTES[writeSizeBytes]!;
	const magicBytes = Math.max(16, fieldBytes);
	const end = area.offsetBytes + area.sizeBytes;
	const magic = Buffer.from(machine.flash.read(end - 16, 16)).toString('hex');
	const known = fieldBytes === 8 ? '77c295f360d2ef7f3552500f2cb67980' : `${fieldBytes.toString(16).padStart(2, '0')}002de15d29410b8d77679c110f1f8a`;
	const field = (index: number): string => {
		const byte = machine.flash.read(end - magicBytes - index * fieldBytes, 1)[0]!;
		return byte === erasedByte ? '-' : byte.toString(16).padStart(2, '0');
	};
	return [machine.flash.isErased(end - 16, 16) ? '-' : magic === known ? 'good' : 'bad', field(1), field(2), field(3)].join(' ');
};

for (const name of SWAPS) {
	for (const writeSizeBytes of [1, 4, 8, 16, 32]) {
		test(`${name} leaves the trailers of MCUboot after each step, with writes of ${writeSizeBytes}`, (t) => {
			const part: Partial<BootMachineOptions> = { writeSizeBytes, erasedByte: writeSizeBytes === 16 ? 0x00 : 0xff, settings: { maxSectors: 8 } };
			const trial = open(name, part);
			const trailers = () => [trailerOf(trial, 'a'), trailerOf(trial, 'b')];
			t.deepEqual(trailers(), ['- - - -', '- - - -']);
			trial.bootloader.requestTrial('b');
			t.deepEqual(trailers(), ['- - - -', 'good - - 02']);
			trial.bootloader.boot();
			t.deepEqual(trailers(), ['good - 01 02', '- - - -']);
			trial.bootloader.boot();
			t.deepEqual(trailers(), ['good 01 01 04', '- - - -']);
			trial.install(IMAGES[1]);
			trial.bootloader.requestTrial('b');
			trial.bootloader.boot();
			trial.bootloader.confirm();
			t.deepEqual(trailers(), ['good 01 01 02', '- - - -']);
			const permanent = open(name, part);
			permanent.bootloader.requestPermanent?.('b');
			t.is(trailerOf(permanent, 'b'), 'good 01 - 03');
			permanent.bootloader.boot();
			t.deepEqual([trailerOf(permanent, 'a'), trailerOf(permanent, 'b')], ['good 01 01 03', '- - - -']);
		});
	}
}

for (const name of SWAPS) {
	test(`${name} runs a new image on trial, and takes it back at the next boot unless it confirmed itself`, (t) => {
		const machine = open(name);
		t.deepEqual(machine.bootloader.state(), { active: 'a', confirmed: true, trial: null, attemptsLeft: 0, lastRevert: null });
		machine.bootloader.requestTrial('b');
		t.like(machine.bootloader.state(), { active: 'a', trial: 'b', attemptsLeft: 1 });
		const trial = machine.bootloader.boot();
		t.deepEqual(trial, { kind: 'run', slot: 'a', trial: true, reverted: false, attempt: 1 });
		t.is(machine.runs(trial, IMAGES), 2);
		t.like(machine.bootloader.state(), { active: 'b', trial: 'a', attemptsLeft: 0 });
		const back = machine.bootloader.boot();
		t.deepEqual(back, { kind: 'run', slot: 'a', trial: false, reverted: true, attempt: 0 });
		t.is(machine.runs(back, IMAGES), 1);
		t.is(machine.counter, 1);
		machine.install(IMAGES[1]);
		machine.bootloader.requestTrial('b');
		machine.bootloader.boot();
		machine.bootloader.confirm();
		const { operations } = machine.flash;
		machine.bootloader.confirm();
		t.is(machine.flash.operations, operations);
		t.is(machine.counter, 1);
		const kept = machine.bootloader.boot();
		t.like(kept, { trial: false, reverted: false });
		t.is(machine.runs(kept, IMAGES), 2);
		t.is(machine.counter, 2);
		t.is(machine.flash.operations, operations);
	});
}

test('a request for good that is under way raises the counter before its last operation, a trial only at the boot after its confirm', (t) => {
	for (const isPermanent of [true, false]) {
		const machine = open('mcuboot-swap-move');
		if (isPermanent) machine.bootloader.requestPermanent?.('b');
		else machine.bootloader.requestTrial('b');
		const before = machine.flash.snapshot();
		const from = machine.flash.operations;
		machine.bootloader.boot();
		const last = machine.flash.operations - from - 1;
		machine.flash.restore(before);
		machine.counter = 1;
		machine.flash.armCut({ operation: last, tear: 'before' });
		t.throws(() => machine.bootloader.boot());
		t.is(machine.counter, isPermanent ? 2 : 1);
	}
});

for (const name of ALL) {
	for (const defect of ['a torn payload', "a counter below the device's"]) {
		test(`${name} erases a requested image with ${defect}, the request with it, and leaves the primary as it is`, (t) => {
			const machine = open(name);
			const { slotA, slotB } = machine.laidOut.layout;
			if (defect === 'a torn payload') machine.flash.program(machine.bootloader.imageArea('b').offsetBytes + 512, new Uint8Array(64));
			else machine.install(imageOf(0, 2300));
			machine.bootloader.requestTrial('b');
			const primary = machine.flash.contentKey(slotA.offsetBytes, slotA.sizeBytes);
			const before = machine.flash.operations;
			t.is(machine.runs(machine.bootloader.boot(), IMAGES), 1);
			t.is(machine.flash.operations - before, slotB.sizeBytes / 1024);
			t.true(machine.flash.isErased(slotB.offsetBytes, slotB.sizeBytes));
			t.is(machine.flash.contentKey(slotA.offsetBytes, slotA.sizeBytes), primary);
			t.is(machine.runs(machine.bootloader.boot(), IMAGES), 1);
		});
	}
}

test('a primary that does not pass does not run, and nothing is written', (t) => {
	for (const name of ALL) {
		const machine = open(name);
		machine.flash.program(machine.bootloader.imageArea('a').offsetBytes + 512, new Uint8Array(64));
		const { operations } = machine.flash;
		t.like(machine.bootloader.boot(), { kind: 'none' });
		t.is(machine.flash.operations, operations);
		const unverified = open(name, { settings: { verifyEveryBoot: false } });
		unverified.flash.program(unverified.bootloader.imageArea('a').offsetBytes + 512, new Uint8Array(64));
		t.like(unverified.bootloader.boot(), { kind: 'run', slot: 'a' });
	}
});

test('a downgrade is erased where it is prevented, by version or by counter, and an equal is taken', (t) => {
	for (const name of ALL) {
		for (const preventsDowngrade of ['off', 'by-version', 'by-counter'] as const) {
			for (const [wanted, isTaken] of [
				[2, true],
				[3, true],
				[1, preventsDowngrade === 'off'],
			] as const) {
				const machine = new BootMachine(name, { ...KIB, settings: { ...KIB.settings, preventsDowngrade } });
				const images = [imageOf(2, 2100), imageOf(wanted, 2300)];
				machine.write(images[0]!, machine.bootloader.imageArea('a').offsetBytes);
				machine.install(images[1]!);
				machine.bootloader.requestPermanent?.('b');
				const decision = machine.bootloader.boot();
				t.is(machine.flash.isHolding(machine.bootloader.imageArea('a').offsetBytes, images[1]!), isTaken, `${name} ${preventsDowngrade} ${wanted}`);
				t.is(decision.kind, 'run');
			}
		}
	}
});

test('swap-offset refuses an image that lies in the first sector, where an update does not belong', (t) => {
	const machine = open('mcuboot-swap-offset');
	const { slotB } = machine.laidOut.layout;
	t.is(machine.bootloader.updateTarget('a').image.offsetBytes, slotB.offsetBytes + 1024);
	machine.flash.erase(slotB.offsetBytes, slotB.sizeBytes);
	machine.write(IMAGES[1], slotB.offsetBytes);
	machine.bootloader.requestTrial('b');
	t.is(machine.runs(machine.bootloader.boot(), IMAGES), 1);
	t.true(machine.flash.isErased(slotB.offsetBytes, slotB.sizeBytes));
});

test('overwrite-only takes a trial for good: nothing is left to return to', (t) => {
	const machine = open('mcuboot-overwrite');
	machine.bootloader.requestTrial('b');
	const { operations } = machine.flash;
	t.deepEqual(machine.bootloader.boot(), { kind: 'run', slot: 'a', trial: false, reverted: false, attempt: 0 });
	t.true(machine.flash.operations > operations);
	t.is(machine.counter, 2);
	machine.bootloader.confirm();
	const decision = machine.bootloader.boot();
	t.is(machine.runs(decision, IMAGES), 2);
	t.like(machine.bootloader.state(), { active: 'a', confirmed: true, trial: null });
});

test('a request for good that power cuts short is a request for a trial or none, never the other way round', (t) => {
	for (const name of SWAPS) {
		const machine = open(name);
		const { slotB } = machine.laidOut.layout;
		const start = machine.flash.snapshot();
		machine.flash.startJournal();
		machine.bootloader.requestPermanent?.('b');
		const fields = machine.flash.stopJournal().map(({ offsetBytes }) => slotB.offsetBytes + slotB.sizeBytes - offsetBytes);
		t.deepEqual(fields, [16, 24, 40]);
		for (const [operation, asked] of [null, 'test', 'perm'].entries()) {
			machine.flash.restore(start);
			machine.flash.armCut({ operation, tear: 'before' });
			t.throws(() => machine.bootloader.requestPermanent?.('b'));
			machine.flash.powerOn();
			const decision = machine.bootloader.boot();
			t.is(machine.runs(decision, IMAGES), asked === null ? 1 : 2);
			t.is(decision.kind === 'run' && decision.trial, asked === 'test');
			machine.counter = 1;
		}
	}
});

test('a confirm without a trailer is no change, and a torn trailer refuses it', (t) => {
	const machine = open('mcuboot-swap-move');
	const { operations } = machine.flash;
	machine.bootloader.confirm();
	t.is(machine.flash.operations, operations);
	const { slotA } = machine.laidOut.layout;
	machine.flash.program(slotA.offsetBytes + slotA.sizeBytes - 16, new Uint8Array(8));
	t.is(t.throws(() => machine.bootloader.confirm(), { instanceOf: BootError })?.code, 'record-damaged');
	t.throws(() => machine.bootloader.requestTrial('a'), { instanceOf: RangeError });
	t.throws(() => machine.bootloader.provision('b'), { instanceOf: RangeError });
});

test('the largest image is what the strategy leaves beside trailer and working sector', (t) => {
	const largest = (name: McubootName, options: BootMachineOptions): number => new BootMachine(name, options).largestImageBytes;
	const small: BootMachineOptions = { sectors: 8, sectorBytes: 4096, writeSizeBytes: 4 };
	t.is(largest('mcuboot-swap-move', small), (8 - 1 - 1) * 4096);
	t.is(largest('mcuboot-swap-offset', small), (8 - 1) * 4096);
	t.is(largest('mcuboot-swap-scratch', small), 8 * 4096 - 1584);
	t.is(largest('mcuboot-overwrite', small), 8 * 4096 - 40);
	const wide: BootMachineOptions = { sectors: 8, sectorBytes: 1024, writeSizeBytes: 8 };
	t.is(largest('mcuboot-swap-move', wide), (8 - 1 - 4) * 1024);
	// The first 48 bytes of the trailer share a sector with the image, and the scratch area's trailer takes 72.
	t.is(largest('mcuboot-swap-scratch', wide), 8 * 1024 - 3120 - (72 - 48));
});
