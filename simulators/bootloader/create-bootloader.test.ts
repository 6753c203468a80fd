import test from 'ava';
import { imageOf, BootMachine } from './boot-machine.test.support.js';
import { BOOTLOADER_NAMES, isBootloaderName, layOutBootloader } from './index.js';

const PART = { sectors: 6, sectorBytes: 1024, writeSizeBytes: 4 } as const;

for (const name of BOOTLOADER_NAMES) {
	test(`${name} runs what the factory wrote, takes an update where it says, and runs it when asked to`, (t) => {
		const machine = new BootMachine(name, { ...PART, settings: { maxSectors: 16 } });
		const images = [imageOf(1, 2000), imageOf(2, 2100)];
		machine.provision(images[0]!);
		t.is(machine.counter, 1);
		const first = machine.bootloader.boot();
		t.is(machine.runs(first, images), 1);
		t.like(first, { kind: 'run', slot: 'a', trial: false });
		const target = machine.bootloader.updateTarget('a');
		t.deepEqual(target.image, machine.bootloader.imageArea('b'));
		t.true(target.image.offsetBytes >= target.erase.offsetBytes && target.image.sizeBytes <= target.erase.sizeBytes);
		machine.install(images[1]!);
		t.is(machine.runs(machine.bootloader.boot(), images), 1);
		machine.bootloader.requestTrial('b');
		const trial = machine.bootloader.boot();
		t.is(machine.runs(trial, images), 2);
		machine.bootloader.confirm();
		for (let boot = 0; boot < 2; boot++) t.is(machine.runs(machine.bootloader.boot(), images), 2);
		t.is(machine.counter, 2);
	});

	test(`${name} takes the largest image it says it takes`, (t) => {
		const machine = new BootMachine(name, { ...PART, settings: { maxSectors: 16 } });
		const images = [imageOf(1, machine.largestImageBytes), imageOf(2, machine.largestImageBytes)];
		machine.provision(images[0]!);
		machine.install(images[1]!);
		machine.bootloader.requestTrial('b');
		t.is(machine.runs(machine.bootloader.boot(), images), 2);
		machine.bootloader.confirm();
		t.is(machine.runs(machine.bootloader.boot(), images), 2);
		const larger = new BootMachine(name, { ...PART, settings: { maxSectors: 16 } });
		t.throws(() => larger.provision(imageOf(1, larger.largestImageBytes + 4)));
	});
}

test('slots that a bootloader cannot have are refused', (t) => {
	t.true(isBootloaderName('mcuboot-swap-move'));
	t.false(isBootloaderName('mcuboot'));
	for (const name of BOOTLOADER_NAMES) {
		if (name === 'ab' || name === 'esp-otadata') continue;
		t.throws(() => new BootMachine(name, { ...PART, sectors: 1 }).bootloader, { instanceOf: RangeError }, name);
		t.throws(() => new BootMachine(name, { ...PART, settings: { maxSectors: 2 } }).bootloader, { instanceOf: RangeError }, name);
	}
	t.throws(() => layOutBootloader('ab', { ...PART, writeSizeBytes: 0 }), { instanceOf: RangeError });
});
