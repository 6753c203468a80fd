import test from 'ava';
import { TEAR_MODES, type TearMode } from '../../../harness/faults/index.js';
import { PowerLoss } from '../../../harness/flash/index.js';
import { BootMachine, type BootMachineOptions, imageOf } from '../boot-machine.test.support.js';
import type { BootDecision, McubootName } from '../index.js';

const NAMES: readonly McubootName[] = ['mcuboot-swap-move', 'mcuboot-swap-scratch', 'mcuboot-swap-offset', 'mcuboot-overwrite'];

interface Shape {
	readonly title: string;
	/** MCUboots that do not bear it: known-limits.test.ts shows how each breaks. */
	readonly except?: readonly McubootName[];
	readonly options: BootMachineOptions;
	/** Lengths of the old and the new image, of the largest that fits. */
	readonly sizes: (largestBytes: number) => readonly [number, number];
}

const KIB = { sectorBytes: 1024, settings: { maxSectors: 16 } } as const;
const SHAPES: readonly Shape[] = [
	{
		title: 'an old image that fills its slot',
		except: ['mcuboot-swap-offset'],
		options: { ...KIB, sectors: 6, writeSizeBytes: 4 },
		sizes: (largest) => [largest, 1500],
	},
	{ title: 'an old image a sector longer', options: { ...KIB, sectors: 6, writeSizeBytes: 4 }, sizes: () => [2 * 1024 + 100, 1500] },
	{
		title: 'a new image that fills its slot',
		except: ['mcuboot-overwrite'],
		options: { ...KIB, sectors: 6, writeSizeBytes: 8, writeOnce: true },
		sizes: (largest) => [1500, largest],
	},
	{ title: 'images of one sector', except: ['mcuboot-swap-offset'], options: { ...KIB, sectors: 4, writeSizeBytes: 32 }, sizes: () => [900, 1024] },
	{ title: 'TLVs that cross a border of sectors', options: { ...KIB, sectors: 5, writeSizeBytes: 4 }, sizes: () => [2048 + 60, 1024 + 60] },
	{
		title: 'a trailer larger than a sector, flash that erases to zero',
		options: { sectors: 9, sectorBytes: 512, writeSizeBytes: 8, erasedByte: 0x00, settings: { maxSectors: 32 } },
		sizes: (largest) => [largest, largest - 700],
	},
	{
		title: 'a scratch area of two sectors',
		options: { sectors: 8, sectorBytes: 512, writeSizeBytes: 4, scratchSectors: 2, settings: { maxSectors: 16 } },
		sizes: (largest) => [largest - 300, largest],
	},
];

/** How far a session came before power went. */
interface Progress {
	requested: boolean;
	asked: boolean;
	confirming: boolean;
	confirmed: boolean;
}

interface Session {
	readonly title: string;
	readonly run: (machine: BootMachine, progress: Progress) => void;
}

const SESSIONS: readonly Session[] = [
	{
		title: 'a trial that is confirmed',
		run: (machine, progress) => {
			progress.requested = true;
			machine.bootloader.requestTrial('b');
			progress.asked = true;
			machine.bootloader.boot();
			progress.confirming = true;
			machine.bootloader.confirm();
			progress.confirmed = true;
			machine.bootloader.boot();
		},
	},
	{
		title: 'a trial that is taken back',
		run: (machine, progress) => {
			progress.requested = true;
			machine.bootloader.requestTrial('b');
			machine.bootloader.boot();
			machine.bootloader.boot();
		},
	},
	{
		title: 'an upgrade for good',
		run: (machine, progress) => {
			progress.requested = true;
			progress.confirming = true;
			machine.bootloader.requestPermanent?.('b');
			progress.confirmed = true;
			machine.bootloader.boot();
		},
	},
];

/** An erase of the scratch area that leaves the trailer at its end is what swap-scratch does not bear. */
const isKnownLimit = (machine: BootMachine, tear: TearMode): boolean => {
	const { scratch } = machine.laidOut.layout;
	const hit = machine.flash.fired.at(-1)!;
	return tear === 'half' && hit.kind === 'erase' && hit.offsetBytes >= (scratch?.offsetBytes ?? Infinity);
};

/** Mild tears leave whole units, halves of bytes in order, or nothing: what any flash does. */
const MILD: readonly TearMode[] = ['before', 'after', 'prefix', 'half'];

for (const name of NAMES) {
	for (const { title, except = [], options, sizes } of SHAPES) {
		if (except.includes(name)) continue;
		for (const session of SESSIONS) {
			test(`${name}: power lost at every operation of ${session.title} ends with the old or the new image whole, as far as it had come: ${title}`, (t) => {
				const machine = new BootMachine(name, options);
				const images = sizes(machine.largestImageBytes).map((sizeBytes, index) => imageOf(index + 1, sizeBytes));
				machine.provision(images[0]!);
				machine.install(images[1]!);
				const start = machine.flash.snapshot();
				for (const tear of TEAR_MODES) {
					if (tear === 'unreadable') continue;
					for (let operation = 0; ; operation++) {
						machine.flash.restore(start);
						machine.counter = 1;
						const progress: Progress = { requested: false, asked: false, confirming: false, confirmed: false };
						if (!isCut(machine, { operation, tear, run: () => session.run(machine, progress) })) {
							t.true(operation > 10, `${operation} operations`);
							break;
						}
						if (isKnownLimit(machine, tear)) continue;
						const wrong = judge(machine, { images, progress, isMild: MILD.includes(tear) });
						if (wrong !== null) t.fail(`${tear} at operation ${operation}: ${wrong}`);
					}
				}
			});
		}
	}
}

const isCut = (machine: BootMachine, cut: { readonly operation: number; readonly tear: TearMode; readonly run: () => void }): boolean => {
	machine.flash.armCut(cut);
	try {
		cut.run();
		machine.flash.disarm();
		return false;
	} catch (error) {
		if (!(error instanceof PowerLoss)) throw error;
		machine.flash.powerOn();
		return true;
	}
};

/** Boots until nothing is left to do, confirming nothing, and says what is wrong with what ran. */
const judge = (
	machine: BootMachine,
	session: { readonly images: readonly Uint8Array[]; readonly progress: Progress; readonly isMild: boolean },
): string | null => {
	const { images, progress, isMild } = session;
	const ran: (number | null)[] = [];
	let last: BootDecision | undefined;
	for (let boot = 0; boot < 3; boot++) {
		last = machine.bootloader.boot();
		ran.push(machine.runs(last, images));
	}
	if (ran.includes(null)) return `ran ${ran.join(', ')}: ${JSON.stringify(last)}`;
	if (!isMild) return null;
	const hasTrials = machine.name !== 'mcuboot-overwrite';
	if (last?.kind !== 'run' || last.trial) return 'a trial without end';
	if (progress.confirmed && ran.some((image) => image !== 2)) return `a confirmed image was given up: ${ran.join(', ')}`;
	if (hasTrials && !progress.confirming && ran.at(-1) !== 1) return `an image nobody confirmed stays: ${ran.join(', ')}`;
	if (machine.counter > (ran.at(-1) as number)) return `the counter ran ahead: ${machine.counter}`;
	const after = machine.flash.operations;
	machine.bootloader.boot();
	return machine.flash.operations === after ? null : 'a device at rest writes';
};
