import type { BootloaderName } from '../../harness/bootloader/index.js';
import { classIdOf, vendorIdOf } from '../../harness/firmware/index.js';
import type { Geometry } from '../../harness/flash/index.js';
import type { BootSettings } from '../bootloader/index.js';

/** What one hardware revision is: memory, flash layout, bootloader settings and timings. */
export interface Profile {
	readonly name: string;
	/** The revision as devices report it and jobs address it. */
	readonly hardware: string;
	/** UUID that an image's UUID_CID must equal; null where the hardware takes images without one. */
	readonly classId: Uint8Array | null;
	readonly flash: Geometry;
	readonly layout: Layout;
	readonly bootloader: BootSettings & { /** Default `ab`. */ readonly name?: BootloaderName };
	/** The largest image that a slot takes, beside what the bootloader keeps there. */
	readonly largestImageBytes: number;
	readonly download: { readonly blockSizeBytes: number; readonly windowBlocks: number; readonly format: 'json' | 'cbor' };
	readonly timings: Timings;
	readonly memoryBytes: number;
	/** What is built in or plugged in, as the device reports it. */
	readonly peripherals: readonly string[];
	readonly keepaliveS: number;
	/**
	 * Most by which an image may raise the security counter. A counter that was signed too high once, by mistake or with a
	 * stolen key, would leave a device with nothing that it may ever run after. Null: any step, as MCUboot takes it.
	 */
	readonly largestCounterStep: number | null;
	/** Whether its clock of the day goes on without power. */
	readonly keepsTime: boolean;
	/** Absent: it runs from the mains. */
	readonly battery?: { /** Charge from which it takes an update. */ readonly updatesFromPercent: number };
}

/** Where things lie in flash; every region is whole sectors. */
export interface Layout {
	readonly records: readonly [Region, Region];
	readonly settings: readonly [Region, Region];
	/** Of the keys that images may be signed with. */
	readonly keys: readonly [Region, Region];
	readonly journal: Region;
	readonly outcome: Region;
	/** Of the time of day. */
	readonly time: readonly [Region, Region];
	readonly slotA: Region;
	readonly slotB: Region;
	/** Of a bootloader that swaps through one. */
	readonly scratch?: Region;
}

export interface Region {
	readonly offsetBytes: number;
	readonly sizeBytes: number;
}

export interface Timings {
	/** From power or reset to the first instruction of the image. */
	readonly bootMs: number;
	readonly selfTestMs: number;
	/** How long a trial image is watched before it may confirm itself. */
	readonly trialSoakMs: number;
	/** The bootloader's watchdog over a trial: without a confirm by then, the device resets. */
	readonly trialDeadlineMs: number;
	/** A program that does not run is reset after this. */
	readonly watchdogMs: number;
}

const TIMINGS: Timings = { bootMs: 400, selfTestMs: 2_000, trialSoakMs: 300_000, trialDeadlineMs: 1_200_000, watchdogMs: 8_000 };
/** A counter is raised once for a flaw that older images have: more than this is a mistake, or an attack. */
const LARGEST_COUNTER_STEP = 100;
const KIB = 1024;
/** The vendor of the fleet's hardware classes, as in imgtool's --vid. */
const VENDOR_ID = vendorIdOf('blackstart.example');

/** Lays regions one after the other: small ones on sectors of `smallBytes`, then two slots of `slotBytes` on sectors of `largeBytes`. */
const layOut = (options: {
	readonly smallBytes: number;
	readonly largeBytes: number;
	readonly slotBytes: number;
	readonly writeSizeBytes: number;
	readonly writeOnce: boolean;
}): { readonly flash: Geometry; readonly layout: Layout; readonly largestImageBytes: number } => {
	const { smallBytes, largeBytes, slotBytes, writeSizeBytes, writeOnce } = options;
	// The journal keeps one write unit for each sector of a slot, behind its header, and some to spare for marks that power tears.
	const journalSectors = Math.ceil((JOURNAL_HEADER_BYTES + (slotBytes / largeBytes + SPARE_MARKS) * Math.max(writeSizeBytes, MARK_BYTES)) / smallBytes);
	const smallSectors = 9 + journalSectors;
	const small = (index: number, sectors = 1): Region => ({ offsetBytes: index * smallBytes, sizeBytes: sectors * smallBytes });
	const slotsAtBytes = Math.ceil((smallSectors * smallBytes) / largeBytes) * largeBytes;
	return {
		flash: {
			sectors: [
				{ count: slotsAtBytes / smallBytes, sizeBytes: smallBytes },
				{ count: (2 * slotBytes) / largeBytes, sizeBytes: largeBytes },
			],
			writeSizeBytes,
			erasedByte: 0xff,
			writeOnce,
		},
		largestImageBytes: slotBytes,
		layout: {
			records: [small(0), small(1)],
			settings: [small(2), small(3)],
			outcome: small(4),
			journal: small(5, journalSectors),
			keys: [small(5 + journalSectors), small(6 + journalSectors)],
			time: [small(7 + journalSectors), small(8 + journalSectors)],
			slotA: { offsetBytes: slotsAtBytes, sizeBytes: slotBytes },
			slotB: { offsetBytes: slotsAtBytes + slotBytes, sizeBytes: slotBytes },
		},
	};
};
const JOURNAL_HEADER_BYTES = 512;
const SPARE_MARKS = 16;
const MARK_BYTES = 8;

/** The fleet of the catalogue: three hardware revisions that differ in geometry, bootloader and protocol settings. */
export const FLEET_PROFILES: readonly Profile[] = [
	{
		name: 'sensor',
		hardware: 'sensor-r1',
		classId: classIdOf('sensor-r1', VENDOR_ID),
		...layOut({ smallBytes: 4 * KIB, largeBytes: 4 * KIB, slotBytes: 64 * KIB, writeSizeBytes: 4, writeOnce: false }),
		bootloader: { trialBoots: 1, verifyEveryBoot: true },
		download: { blockSizeBytes: 4 * KIB, windowBlocks: 4, format: 'cbor' },
		timings: TIMINGS,
		memoryBytes: 64 * KIB,
		peripherals: ['thermometer'],
		keepaliveS: 300,
		largestCounterStep: LARGEST_COUNTER_STEP,
		keepsTime: false,
		battery: { updatesFromPercent: 30 },
	},
	{
		name: 'meter',
		hardware: 'meter-r2',
		classId: classIdOf('meter-r2', VENDOR_ID),
		...layOut({ smallBytes: 2 * KIB, largeBytes: 2 * KIB, slotBytes: 48 * KIB, writeSizeBytes: 8, writeOnce: true }),
		bootloader: { trialBoots: 3, verifyEveryBoot: true },
		download: { blockSizeBytes: 2 * KIB, windowBlocks: 8, format: 'cbor' },
		timings: { ...TIMINGS, bootMs: 250 },
		memoryBytes: 32 * KIB,
		peripherals: ['display', 'relay'],
		keepaliveS: 600,
		largestCounterStep: LARGEST_COUNTER_STEP,
		keepsTime: true,
	},
	{
		name: 'gateway',
		hardware: 'gateway-r3',
		classId: classIdOf('gateway-r3', VENDOR_ID),
		...layOut({ smallBytes: 4 * KIB, largeBytes: 16 * KIB, slotBytes: 128 * KIB, writeSizeBytes: 32, writeOnce: true }),
		bootloader: { trialBoots: 2, verifyEveryBoot: false },
		download: { blockSizeBytes: 4 * KIB, windowBlocks: 8, format: 'json' },
		timings: { ...TIMINGS, bootMs: 900, selfTestMs: 4_000 },
		memoryBytes: 512 * KIB,
		peripherals: ['ethernet', 'modem'],
		keepaliveS: 240,
		largestCounterStep: LARGEST_COUNTER_STEP,
		keepsTime: false,
	},
];

/** Profiles for images that users bring: slots from 16 KiB (4 KiB sectors, 4-byte writes, as in MCUboot's own tests) to 16 MiB. */
export const IMAGE_PROFILES: readonly Profile[] = Array.from({ length: 11 }, (_, step) => imageProfile(16 * KIB * 2 ** step));

function imageProfile(slotBytes: number): Profile {
	const name = slotBytes < 1024 * KIB ? `slot-${slotBytes / KIB}k` : `slot-${slotBytes / KIB / KIB}m`;
	return {
		name,
		hardware: name,
		classId: null,
		...layOut({ smallBytes: 4 * KIB, largeBytes: 4 * KIB, slotBytes, writeSizeBytes: 4, writeOnce: false }),
		bootloader: { trialBoots: 1, verifyEveryBoot: true },
		download: { blockSizeBytes: 4 * KIB, windowBlocks: 8, format: 'cbor' },
		timings: TIMINGS,
		memoryBytes: 64 * KIB,
		peripherals: [],
		keepaliveS: 300,
		largestCounterStep: null,
		keepsTime: false,
	};
}

const BLOCKS_WANTED = 16;
const SMALLEST_BLOCK_BYTES = 256;

/** The smallest profile that holds all of these images, with blocks small enough that the one to download has at least 16; throws a RangeError beyond 16 MiB. */
export const profileForImages = (downloadBytes: number, options: { readonly holding: readonly number[] }): Profile => {
	const largest = Math.max(downloadBytes, ...options.holding);
	const profile = IMAGE_PROFILES.find(({ layout }) => layout.slotA.sizeBytes >= largest);
	if (!profile) throw new RangeError(`no device profile holds an image of ${largest} bytes: the largest slot is ${16 * KIB * KIB} bytes`);
	const perBlock = Math.floor((downloadBytes - 1) / (BLOCKS_WANTED - 1));
	const blockSizeBytes = Math.min(4 * KIB, Math.max(SMALLEST_BLOCK_BYTES, 2 ** Math.floor(Math.log2(Math.max(1, perBlock)))));
	return { ...profile, download: { ...profile.download, blockSizeBytes } };
};
