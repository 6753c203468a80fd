import test from 'ava';
import type { TearMode } from '../../../harness/faults/index.js';
import { type FlashOperation, PowerLoss } from '../../../harness/flash/index.js';
import { BootMachine, type BootMachineOptions, imageOf } from '../boot-machine.test.support.js';
import type { McubootName } from '../index.js';

const KIB = 1024;
const SECTOR = 4 * KIB;

interface Upgrade {
	readonly name: McubootName;
	readonly options: BootMachineOptions;
	readonly sizes: readonly [number, number];
}

const openRequested = ({ name, options, sizes }: Upgrade, isPermanent = true): BootMachine => {
	const machine = new BootMachine(name, options);
	machine.provision(imageOf(1, sizes[0]));
	machine.install(imageOf(2, sizes[1]));
	if (isPermanent) machine.bootloader.requestPermanent?.('b');
	else machine.bootloader.requestTrial('b');
	return machine;
};

const SMALL: BootMachineOptions = { sectors: 32, sectorBytes: SECTOR, writeSizeBytes: 4 };
const K64F: BootMachineOptions = { sectors: 32, sectorBytes: SECTOR, writeSizeBytes: 8 };
const NRF52840: BootMachineOptions = { sectors: 52, sectorBytes: SECTOR, writeSizeBytes: 4, scratchSectors: 13 };
const SMALL_SIZES = [40 * KIB, 46 * KIB] as const;
const K64F_SIZES = [28 * SECTOR, 28 * SECTOR] as const;
const NRF_SIZES = [48 * SECTOR, 48 * SECTOR] as const;

/** Operations of an upgrade for good, as counted with MCUboot's own code. */
const COUNTS: readonly (Upgrade & { readonly operations: number })[] = [
	{ name: 'mcuboot-swap-move', options: SMALL, sizes: SMALL_SIZES, operations: 223 },
	{ name: 'mcuboot-swap-offset', options: SMALL, sizes: SMALL_SIZES, operations: 147 },
	{ name: 'mcuboot-swap-scratch', options: SMALL, sizes: SMALL_SIZES, operations: 228 },
	{ name: 'mcuboot-overwrite', options: SMALL, sizes: SMALL_SIZES, operations: 162 },
	{ name: 'mcuboot-swap-move', options: K64F, sizes: K64F_SIZES, operations: 511 },
	{ name: 'mcuboot-swap-offset', options: K64F, sizes: K64F_SIZES, operations: 344 },
	{ name: 'mcuboot-swap-scratch', options: K64F, sizes: K64F_SIZES, operations: 516 },
	{ name: 'mcuboot-swap-move', options: NRF52840, sizes: NRF_SIZES, operations: 871 },
	{ name: 'mcuboot-swap-offset', options: NRF52840, sizes: NRF_SIZES, operations: 584 },
	{ name: 'mcuboot-swap-scratch', options: NRF52840, sizes: NRF_SIZES, operations: 760 },
];

for (const upgrade of COUNTS) {
	const { name, options, operations } = upgrade;
	test(`${name} upgrades ${options.sectors} sectors of ${options.sectorBytes} bytes, writes of ${options.writeSizeBytes}, in ${operations} operations, as MCUboot does`, (t) => {
		const machine = openRequested(upgrade);
		const before = machine.flash.operations;
		t.deepEqual(machine.bootloader.boot(), { kind: 'run', slot: 'a', trial: false, reverted: false, attempt: 0 });
		t.is(machine.flash.operations - before, operations);
	});
}

/** Cuts after which MCUboot's own code never boots again: a word of a write, or a sector of an erase, reads as an error until erased. */
const UNREADABLE: readonly { readonly name: McubootName; readonly program: number; readonly erase: number }[] = [
	{ name: 'mcuboot-swap-move', program: 35, erase: 3 },
	{ name: 'mcuboot-swap-offset', program: 26, erase: 3 },
	{ name: 'mcuboot-swap-scratch', program: 34, erase: 15 },
	{ name: 'mcuboot-overwrite', program: 0, erase: 2 },
];

for (const { name, program, erase } of UNREADABLE) {
	test(`${name} is lost by as many torn words and sectors that cannot be read as MCUboot is: ${program} and ${erase}`, (t) => {
		const images = SMALL_SIZES.map((sizeBytes, index) => imageOf(index + 1, sizeBytes));
		const lost = { program: 0, erase: 0 };
		const machine = openRequested({ name, options: SMALL, sizes: SMALL_SIZES });
		const start = machine.flash.snapshot();
		for (let operation = 0; ; operation++) {
			machine.flash.restore(start);
			machine.counter = 1;
			const hit = bootCut(machine, { operation, tear: 'unreadable' });
			if (hit === null) break;
			if (machine.runs(machine.bootloader.boot(), images) === null) lost[hit]++;
		}
		t.deepEqual(lost, { program, erase });
	});
}

/** What power hit, null where the boot was over before. */
const bootCut = (machine: BootMachine, cut: { readonly operation: number; readonly tear: TearMode }): 'program' | 'erase' | null => {
	machine.flash.armCut(cut);
	try {
		machine.bootloader.boot();
		machine.flash.disarm();
		return null;
	} catch (error) {
		if (!(error instanceof PowerLoss)) throw error;
		machine.flash.powerOn();
		return machine.flash.fired.at(-1)!.kind;
	}
};

/** Operations that a boot needs, at the least, for upgrades to go on where each boot is cut short; null: all of them. */
const LEAST: readonly { readonly name: McubootName; readonly operations: number | null }[] = [
	{ name: 'mcuboot-swap-move', operations: 7 },
	{ name: 'mcuboot-swap-offset', operations: 7 },
	{ name: 'mcuboot-swap-scratch', operations: 16 },
	{ name: 'mcuboot-overwrite', operations: null },
];

for (const { name, operations } of LEAST) {
	test(`${name} makes progress with a reset after every ${operations ?? 'operation but the last'}, and not with fewer, as MCUboot does`, (t) => {
		const upgrade: Upgrade = { name, options: { sectors: 8, sectorBytes: SECTOR, writeSizeBytes: 4 }, sizes: [3 * SECTOR, 4 * SECTOR] };
		const whole = openRequested(upgrade);
		const from = whole.flash.operations;
		whole.bootloader.boot();
		const needed = operations ?? whole.flash.operations - from - 1;
		const isDone = (perBoot: number): boolean => {
			const machine = openRequested(upgrade);
			for (let boot = 0; boot < 80; boot++) {
				if (bootCut(machine, { operation: perBoot, tear: 'before' }) === null) return machine.counter === 2;
			}
			return false;
		};
		t.true(isDone(needed));
		t.false(isDone(needed - 1));
	});
}

const letter = ({ laidOut }: BootMachine, offsetBytes: number): string => {
	const { slotA, slotB, scratch } = laidOut.layout;
	for (const [name, area] of [
		['P', slotA],
		['S', slotB],
		['C', scratch],
	] as const) {
		if (area !== null && offsetBytes >= area.offsetBytes && offsetBytes < area.offsetBytes + area.sizeBytes) {
			const sectorBytes = laidOut.geometry.sectors[0]!.sizeBytes;
			const beforeEnd = area.offsetBytes + area.sizeBytes - offsetBytes;
			const sector = Math.floor((offsetBytes - area.offsetBytes) / sectorBytes);
			return beforeEnd <= 48 + 8 ? `${name}-${beforeEnd}` : `${name}${sector}`;
		}
	}
	return '?';
};

const spell = (machine: BootMachine, operation: FlashOperation): string =>
	`${operation.kind === 'erase' ? 'erase' : 'write'} ${letter(machine, operation.offsetBytes)}`;

/** The first operations of an upgrade; fields are given by their distance from the end of the slot. */
const STARTS: readonly { readonly name: McubootName; readonly isPermanent: boolean; readonly operations: readonly string[] }[] = [
	{
		name: 'mcuboot-swap-move',
		isPermanent: false,
		operations: [
			'erase P7',
			'write P-40',
			'write P-48',
			'write P-16',
			'erase S7',
			'erase P2',
			'write P2',
			'write P2',
			'write P2',
			'write P2',
			'write P7',
			'erase P1',
		],
	},
	{
		name: 'mcuboot-swap-move',
		isPermanent: true,
		operations: ['erase P7', 'write P-40', 'write P-24', 'write P-48', 'write P-16', 'erase S7', 'erase P2'],
	},
	{
		name: 'mcuboot-swap-offset',
		isPermanent: false,
		operations: [
			'erase P7',
			'write P-40',
			'write P-56',
			'write P-48',
			'write P-16',
			'erase S8',
			'erase S0',
			'write S0',
			'write S0',
			'write S0',
			'write S0',
			'write P7',
			'erase P0',
		],
	},
	{
		name: 'mcuboot-swap-scratch',
		isPermanent: false,
		operations: [
			'erase C0',
			'write C-40',
			'write C-48',
			'write C-16',
			'erase P7',
			'write P-40',
			'write P-48',
			'write P-16',
			'erase C0',
			'write C0',
			'write C0',
			'write C0',
			'write C0',
			'write P7',
			'erase S7',
			'erase S1',
		],
	},
];

for (const { name, isPermanent, operations } of STARTS) {
	test(`${name} begins an upgrade ${isPermanent ? 'for good' : 'on trial'} in MCUboot's order`, (t) => {
		const machine = openRequested({ name, options: { sectors: 8, sectorBytes: SECTOR, writeSizeBytes: 4 }, sizes: [SECTOR + 400, 2 * SECTOR] }, isPermanent);
		machine.flash.startJournal();
		machine.bootloader.boot();
		const journal = machine.flash.stopJournal();
		t.deepEqual(
			journal.slice(0, operations.length).map((operation) => spell(machine, operation)),
			operations,
		);
		t.is(spell(machine, journal.at(-1)!), 'write P-32');
	});
}
