import test from 'ava';
import type { TearMode } from '../../../harness/faults/index.js';
import { PowerLoss } from '../../../harness/flash/index.js';
import { BootMachine, type BootMachineOptions, imageOf } from '../boot-machine.test.support.js';
import { BootError, type McubootName } from '../index.js';
import { readStanding } from './standing.js';

/** Where MCUboot's own code does not keep a promise, ours does not either: README.md has the table. */

const KIB: BootMachineOptions = { sectors: 6, sectorBytes: 1024, writeSizeBytes: 4, settings: { maxSectors: 16 } };

const openRequested = (name: McubootName, options: { readonly part?: BootMachineOptions; readonly sizes?: readonly [number, number] } = {}) => {
	const machine = new BootMachine(name, options.part ?? KIB);
	const [oldBytes, newBytes] = options.sizes ?? [1500, 1500];
	const images = [imageOf(1, oldBytes), imageOf(2, newBytes)] as const;
	machine.provision(images[0]);
	machine.install(images[1]);
	machine.bootloader.requestTrial('b');
	return { machine, images };
};

/** Boots that lose power at each operation in turn, until one does not; what `after` says of each cut. */
const cutEach = <Result>(machine: BootMachine, options: { readonly tear: TearMode; readonly after: () => Result }): readonly Result[] => {
	const start = machine.flash.snapshot();
	const results: Result[] = [];
	for (let operation = 0; ; operation++) {
		machine.flash.restore(start);
		machine.counter = 1;
		machine.flash.armCut({ operation, tear: options.tear });
		try {
			machine.bootloader.boot();
			return results;
		} catch (error) {
			if (!(error instanceof PowerLoss)) throw error;
			machine.flash.powerOn();
			results.push(options.after());
		}
	}
};

test('one-sector-swap: swap-offset looks for the header in the sector it has just erased, and never boots again', (t) => {
	const { machine, images } = openRequested('mcuboot-swap-offset', { sizes: [900, 1000] });
	const ran = cutEach(machine, { tear: 'before', after: () => machine.runs(machine.bootloader.boot(), images) });
	t.is(ran.filter((image) => image === null).length, 1);
});

test('skipped-last-sector: swap-offset that goes on at the last sector takes the new header for the old one, and loses the end of the old image', (t) => {
	const { machine, images } = openRequested('mcuboot-swap-offset', { sizes: [5 * 1024, 1500] });
	const kept = cutEach(machine, {
		tear: 'before',
		after: () => {
			const trial = machine.runs(machine.bootloader.boot(), images);
			const next = machine.bootloader.boot();
			return trial === 2 && next.kind === 'run' && next.trial;
		},
	});
	t.true(kept.filter((isKept) => isKept).length > 0);
	t.true(kept.slice(0, -8).every((isKept) => !isKept));
});

test('rewritten-on-trial: swap-offset takes the next update for the old image that it lost at the last sector, though it was asked for good, and never boots again', (t) => {
	const { machine, images } = openRequested('mcuboot-swap-offset', { sizes: [4 * 1024, 1500] });
	const { flash, laidOut } = machine;
	machine.bootloader.requestPermanent?.('b');
	const isMarked = (): boolean => readStanding({ flash, layout: laidOut.layout, inError: [] }).isUpdateToRevertTo;
	const writeNext = () => {
		const { erase } = machine.bootloader.updateTarget('a');
		flash.erase(erase.offsetBytes, erase.sizeBytes);
		const before = isMarked();
		machine.install(images[0]);
		return { marked: [before, isMarked()], runs: machine.runs(machine.bootloader.boot(), images) };
	};
	const outcomes = cutEach(machine, {
		tear: 'after',
		after: () => {
			const ran = [0, 1].map(() => machine.runs(machine.bootloader.boot(), images));
			return { ran, isMarked: isMarked(), next: writeNext() };
		},
	});
	const lost = outcomes.filter(({ ran }) => ran[1] === 2);
	const kept = outcomes.filter(({ ran }) => ran[1] === 1);
	t.true(lost.length > 0 && kept.length > 0);
	for (const { isMarked: early, next } of lost) t.deepEqual([early, next], [false, { marked: [false, true], runs: null }]);
	for (const { isMarked: early, next } of kept) t.deepEqual([early, next], [false, { marked: [false, false], runs: 1 }]);
});

test('rewritten-on-trial: what is left of an update of one sector, behind the old image, is no mark of it', (t) => {
	const { machine, images } = openRequested('mcuboot-swap-offset', { sizes: [900, 1000] });
	const { flash, laidOut } = machine;
	t.is(machine.runs(machine.bootloader.boot(), images), 2);
	t.false(readStanding({ flash, layout: laidOut.layout, inError: [] }).isUpdateToRevertTo);
	t.is(machine.runs(machine.bootloader.boot(), images), 1);
});

test('half-erased-scratch: swap-scratch takes what an erase left of the scratch area for a swap under way', (t) => {
	const machine = new BootMachine('mcuboot-swap-scratch', KIB);
	const { machine: full, images } = openRequested('mcuboot-swap-scratch', { sizes: [1500, machine.largestImageBytes] });
	const boots = cutEach(full, { tear: 'half', after: () => full.runs(full.bootloader.boot(), images) });
	t.is(boots.filter((image) => image === null).length, 1);
	const whole = cutEach(full, { tear: 'before', after: () => full.runs(full.bootloader.boot(), images) });
	t.false(whole.includes(null));
});

test('write-once-overwrite: overwrite-only copies the blank rest of the trailer too, and flash that takes a unit once refuses the confirm', (t) => {
	const { machine, images } = openRequested('mcuboot-overwrite', { part: { ...KIB, writeOnce: true } });
	t.is(machine.runs(machine.bootloader.boot(), images), 2);
	t.is(t.throws(() => machine.bootloader.confirm(), { instanceOf: BootError })?.code, 'record-damaged');
	t.is(machine.runs(machine.bootloader.boot(), images), 2);
});

test('torn-flag: a copy_done that is neither set nor blank ends no trial: the image nobody confirmed stays', (t) => {
	const { machine, images } = openRequested('mcuboot-swap-move');
	let isKept = false;
	for (let seed = 0; seed < 8 && !isKept; seed++) {
		const start = machine.flash.snapshot();
		const before = machine.flash.operations;
		machine.bootloader.boot();
		const last = machine.flash.operations - before - 1;
		machine.flash.restore(start);
		machine.flash.armCut({ operation: last, tear: 'bits', tearSeed: seed });
		t.throws(() => machine.bootloader.boot(), { instanceOf: PowerLoss });
		machine.flash.powerOn();
		const decision = machine.bootloader.boot();
		isKept = decision.kind === 'run' && !decision.trial && machine.runs(decision, images) === 2;
		machine.flash.restore(start);
	}
	t.true(isKept);
});

for (const [name, outcome] of [
	['mcuboot-swap-move', 'the image on trial counts as confirmed'],
	['mcuboot-swap-scratch', 'the trial never ends'],
	['mcuboot-swap-offset', 'the trial never ends'],
] as const) {
	test(`erased-secondary: ${name}: an application that erases the secondary while on trial leaves nothing to return to: ${outcome}`, (t) => {
		const { machine, images } = openRequested(name);
		machine.bootloader.boot();
		const { erase } = machine.bootloader.updateTarget('a');
		machine.flash.erase(erase.offsetBytes, erase.sizeBytes);
		for (let boot = 0; boot < 3; boot++) {
			const decision = machine.bootloader.boot();
			t.is(machine.runs(decision, images), 2);
			t.is(decision.kind === 'run' && decision.trial, name !== 'mcuboot-swap-move');
		}
	});
}

test('trial-stays-trial: a request for good after one for a trial changes nothing', (t) => {
	const { machine, images } = openRequested('mcuboot-swap-move');
	const { operations } = machine.flash;
	machine.bootloader.requestPermanent?.('b');
	t.is(machine.flash.operations, operations);
	machine.bootloader.boot();
	t.is(machine.runs(machine.bootloader.boot(), images), 1);
});

for (const name of ['mcuboot-swap-move', 'mcuboot-swap-scratch', 'mcuboot-swap-offset'] as const) {
	test(`requested-on-trial: ${name}: an image on trial that asks for a trial of the one it replaced is what that one returns to, unconfirmed`, (t) => {
		const { machine, images } = openRequested(name);
		t.is(machine.runs(machine.bootloader.boot(), images), 2);
		if (name === 'mcuboot-swap-offset') {
			const { erase } = machine.bootloader.updateTarget('a');
			machine.flash.erase(erase.offsetBytes, erase.sizeBytes);
			machine.install(images[0]);
		}
		machine.bootloader.requestTrial('b');
		t.deepEqual(
			[0, 1, 2].map(() => machine.runs(machine.bootloader.boot(), images)),
			[1, 2, 2],
		);
	});
}

test('torn-request: what power left of a request is erased with the whole slot and refused, once', (t) => {
	const { machine, images } = openRequested('mcuboot-swap-move');
	machine.install(images[1]);
	machine.flash.armCut({ operation: 0, tear: 'half' });
	t.throws(() => machine.bootloader.requestTrial('b'), { instanceOf: PowerLoss });
	machine.flash.powerOn();
	t.is(machine.runs(machine.bootloader.boot(), images), 1);
	t.is(t.throws(() => machine.bootloader.requestTrial('b'), { instanceOf: BootError })?.code, 'record-damaged');
	const { slotB } = machine.laidOut.layout;
	t.true(machine.flash.isErased(slotB.offsetBytes, slotB.sizeBytes));
	machine.install(images[1]);
	machine.bootloader.requestTrial('b');
	t.is(machine.runs(machine.bootloader.boot(), images), 2);
});
