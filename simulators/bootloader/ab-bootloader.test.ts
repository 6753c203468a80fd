import test from 'ava';
import { AbMachine } from './ab-machine.js';
import { BootError } from './index.js';

const openMachine = (options: { readonly trialBoots?: number; readonly verifyEveryBoot?: boolean; readonly enduranceCycles?: number } = {}): AbMachine => {
	const { trialBoots = 2, verifyEveryBoot = true, enduranceCycles } = options;
	return new AbMachine({ geometry: enduranceCycles === undefined ? {} : { enduranceCycles }, settings: { trialBoots, verifyEveryBoot } });
};

/** Version 1 confirmed in slot a, version 2 in slot b. */
const openUpdated = (options: Parameters<typeof openMachine>[0] = {}): AbMachine => {
	const machine = openMachine(options);
	machine.install('a', { major: 1, securityCounter: 1 });
	machine.bootloader.provision('a');
	machine.install('b', { major: 2, securityCounter: 2 });
	return machine;
};

const spoil = (machine: AbMachine, slot: 'a' | 'b'): void => machine.flash.program(machine.area(slot).offsetBytes + 512, new Uint8Array(4));

const loseRecords = (machine: AbMachine): void => {
	for (const { offsetBytes, sizeBytes } of machine.layout.records) machine.flash.erase(offsetBytes, sizeBytes);
};

test('a provisioned image runs as confirmed, boot after boot, without a flash operation', (t) => {
	const machine = openUpdated();
	const before = machine.flash.operations;
	for (let boot = 0; boot < 3; boot++) t.deepEqual(machine.boot(), { kind: 'run', slot: 'a', trial: false, reverted: false, attempt: 0 });
	t.is(machine.flash.operations, before);
	t.is(machine.counter, 1);
});

test('a trial that is confirmed runs from then on, and the counter follows', (t) => {
	const machine = openUpdated();
	machine.bootloader.requestTrial('b');
	t.deepEqual(machine.bootloader.state(), { active: 'a', confirmed: true, trial: 'b', attemptsLeft: 2, lastRevert: null });
	t.deepEqual(machine.boot(), { kind: 'run', slot: 'b', trial: true, reverted: false, attempt: 1 });
	t.is(machine.counter, 1);
	machine.bootloader.confirm();
	t.is(machine.counter, 2);
	t.deepEqual(machine.boot(), { kind: 'run', slot: 'b', trial: false, reverted: false, attempt: 0 });
	const { operations } = machine.flash;
	machine.bootloader.confirm();
	t.is(machine.flash.operations, operations);
});

for (const trialBoots of [1, 2, 5]) {
	test(`a trial gets ${trialBoots} boots, then the device goes back and says why until that is acknowledged`, (t) => {
		const machine = openUpdated({ trialBoots });
		machine.bootloader.requestTrial('b');
		for (let attempt = 1; attempt <= trialBoots; attempt++) t.deepEqual(machine.boot(), { kind: 'run', slot: 'b', trial: true, reverted: false, attempt });
		t.deepEqual(machine.boot(), { kind: 'run', slot: 'a', trial: false, reverted: true, attempt: 0 });
		t.deepEqual(machine.boot(), { kind: 'run', slot: 'a', trial: false, reverted: true, attempt: 0 });
		t.is(machine.bootloader.state()?.lastRevert, 'not-confirmed');
		machine.bootloader.acknowledgeRevert();
		t.deepEqual(machine.boot(), { kind: 'run', slot: 'a', trial: false, reverted: false, attempt: 0 });
		t.is(machine.counter, 1);
	});
}

test('a trial image that is not whole, or below the counter, never runs', (t) => {
	const torn = openUpdated();
	spoil(torn, 'b');
	torn.bootloader.requestTrial('b');
	t.like(torn.boot(), { slot: 'a', trial: false, reverted: true });
	t.is(torn.bootloader.state()?.lastRevert, 'image-invalid');
	const old = openUpdated();
	old.flash.erase(1792, 1024);
	old.install('b', { major: 9, securityCounter: 0 });
	old.bootloader.requestTrial('b');
	t.like(old.boot(), { slot: 'a', trial: false, reverted: true });
	t.is(old.bootloader.state()?.lastRevert, 'below-counter');
	t.is(old.trialsOf('b') + torn.trialsOf('b'), 0);
});

test('the running image cannot confirm a trial that has not been booted', (t) => {
	const machine = openUpdated();
	machine.bootloader.requestTrial('b');
	machine.bootloader.confirm();
	t.like(machine.bootloader.state(), { active: 'a', trial: 'b' });
	t.is(machine.counter, 1);
});

test('a trial cannot give itself more boots', (t) => {
	const machine = openUpdated();
	machine.bootloader.requestTrial('b');
	machine.boot();
	t.is(t.throws(() => machine.bootloader.requestTrial('b'), { instanceOf: BootError })?.code, 'trial-running');
	t.throws(() => openUpdated().bootloader.requestTrial('a'), { instanceOf: RangeError });
});

test('a confirmed image that rots gives way to the other valid one, which has to prove itself', (t) => {
	const machine = openUpdated();
	spoil(machine, 'a');
	t.deepEqual(machine.boot(), { kind: 'run', slot: 'b', trial: true, reverted: true, attempt: 1 });
	t.is(machine.bootloader.state()?.lastRevert, 'image-invalid');
	for (let boot = 0; boot < 5; boot++) t.like(machine.boot(), { slot: 'b', trial: true });
	machine.bootloader.confirm();
	machine.bootloader.acknowledgeRevert();
	t.deepEqual(machine.boot(), { kind: 'run', slot: 'b', trial: false, reverted: false, attempt: 0 });
	t.is(machine.counter, 2);
});

test('without checks at every boot, a confirmed image runs unjudged and a trial does not', (t) => {
	const machine = openUpdated({ verifyEveryBoot: false });
	spoil(machine, 'a');
	t.like(machine.boot(), { slot: 'a', trial: false });
	spoil(machine, 'b');
	machine.bootloader.requestTrial('b');
	t.like(machine.boot(), { kind: 'none' });
});

test('a trial whose fallback is gone runs on rather than nothing, and can still be confirmed', (t) => {
	const machine = openUpdated({ trialBoots: 1 });
	machine.bootloader.requestTrial('b');
	machine.boot();
	spoil(machine, 'a');
	for (let boot = 0; boot < 3; boot++) t.like(machine.boot(), { slot: 'b', trial: true, attempt: 1 });
	machine.bootloader.confirm();
	t.like(machine.boot(), { slot: 'b', trial: false });
});

test('with both slots bad nothing runs, and the reason names both', (t) => {
	const machine = openUpdated();
	spoil(machine, 'a');
	spoil(machine, 'b');
	t.deepEqual(machine.boot(), { kind: 'none', reason: 'slot a: the checksum is wrong; slot b: the checksum is wrong' });
	loseRecords(machine);
	t.like(machine.boot(), { kind: 'none' });
	t.throws(() => machine.bootloader.confirm(), { instanceOf: BootError });
});

test('with both records lost the newest image runs as a trial, and the other one is where it returns to', (t) => {
	const machine = openUpdated({ trialBoots: 2 });
	loseRecords(machine);
	t.is(machine.bootloader.state(), null);
	t.deepEqual(machine.boot(), { kind: 'run', slot: 'b', trial: true, reverted: false, attempt: 1 });
	t.deepEqual(machine.bootloader.state(), { active: 'a', confirmed: false, trial: 'b', attemptsLeft: 1, lastRevert: null });
	t.like(machine.boot(), { slot: 'b', attempt: 2 });
	t.deepEqual(machine.boot(), { kind: 'run', slot: 'a', trial: true, reverted: true, attempt: 1 });
	t.is(machine.counter, 1);
	machine.bootloader.confirm();
	t.like(machine.boot(), { slot: 'a', trial: false });
});

test('with both records lost and one valid image, that one runs until confirmed', (t) => {
	for (const [bad, good] of [
		['a', 'b'],
		['b', 'a'],
	] as const) {
		const machine = openUpdated({ trialBoots: 1 });
		spoil(machine, bad);
		loseRecords(machine);
		for (let boot = 0; boot < 4; boot++) t.like(machine.boot(), { slot: good, trial: true });
		machine.bootloader.confirm();
		t.like(machine.boot(), { slot: good, trial: false });
	}
});

test('with both records lost, an image below the counter does not run', (t) => {
	const machine = openUpdated();
	machine.counter = 2;
	loseRecords(machine);
	for (let boot = 0; boot < 4; boot++) t.like(machine.boot(), { slot: 'b' });
});

test('a counter that power left behind is caught up at the next boot', (t) => {
	const machine = openUpdated();
	machine.bootloader.requestTrial('b');
	machine.boot();
	machine.bootloader.confirm();
	machine.counter = 1;
	machine.boot();
	t.is(machine.counter, 2);
});

test('a record that the supply spoils is written again', (t) => {
	const machine = openUpdated();
	machine.bootloader.requestTrial('b');
	machine.boot();
	machine.flash.armBrownOut(0, 5);
	machine.bootloader.confirm();
	t.is(machine.flash.fired.length, 1);
	t.like(machine.boot(), { slot: 'b', trial: false });
});

test('a trial that cannot be counted does not run while a good image is there', (t) => {
	const machine = openUpdated({ enduranceCycles: 1 });
	machine.bootloader.requestTrial('b');
	t.like(machine.boot(), { slot: 'a', trial: false });
	t.is(machine.trialsOf('b'), 0);
});

test('an unconfirmed image below a rotten record copy is judged by the copy before', (t) => {
	const machine = openUpdated();
	machine.bootloader.requestTrial('b');
	machine.boot();
	machine.bootloader.confirm();
	for (const { offsetBytes } of machine.layout.records) {
		const newest = machine.flash.snapshot();
		machine.flash.program(offsetBytes + 20, new Uint8Array(4));
		machine.flash.program(offsetBytes + 28, new Uint8Array(4));
		t.like(machine.boot(), { slot: 'b' });
		machine.flash.restore(newest);
	}
});

test('settings and layouts that cannot work are refused', (t) => {
	for (const trialBoots of [0, 256, 1.5]) t.throws(() => openMachine({ trialBoots }).bootloader, { instanceOf: RangeError });
	const machine = new AbMachine({ geometry: { sectors: [{ count: 3, sizeBytes: 1024 }] }, settings: { trialBoots: 1, verifyEveryBoot: true } });
	t.throws(() => machine.bootloader, { instanceOf: RangeError });
});
