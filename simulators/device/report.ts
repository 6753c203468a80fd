import { encodeDeviceReport } from '../../harness/protocols/index.js';
import type { Device } from './device.js';
import { certificateOf } from './identity.js';
import type { RunningImage } from './running-image.js';

/** What a device tells of itself after each connection, and in between where its fleet asks for it. */
export const deviceReport = (device: Device, image: RunningImage): Uint8Array => {
	const { tally, profile } = device;
	return encodeDeviceReport({
		version: image.version,
		digest: image.digest,
		hardware: profile.hardware,
		boots: tally.boots,
		resetCause: device.resetCause,
		watchdogResets: tally.watchdogResets,
		errors: tally.errors + tally.crashes,
		temperatureC: temperatureOf(device, image),
		freeMemoryBytes: freeMemoryOf(device, image),
		model: device.model,
		...(device.segment === undefined ? {} : { segment: device.segment }),
		peripherals: profile.peripherals,
		freeSlotBytes: profile.largestImageBytes,
		memoryBytes: profile.memoryBytes,
		flashErases: device.flash.mostErases,
		...certificateDaysOf(device),
		...(device.battery === undefined ? {} : { batteryPercent: device.battery.percent }),
	});
};

/** A device reports by its own timer at its own moment of the period, however many booted with it. */
export const firstReportDelayMs = ({ random, tally }: Device, everyMs: number): number => 1 + random.stream(`first-report/${tally.boots}`).integer(everyMs);

const COOLEST_C = 20;
/** Between the places that devices stand in, and between two readings of one. */
const PLACE_SPREAD_C = 13;
const READING_SPREAD_C = 3;
/** What an image that overheats adds, in an hour and in all. */
const HEATING_C_PER_HOUR = 12;
const HOTTEST_C = 95;
const HOUR_MS = 3_600_000;
/** An image that leaks begins so long after its boot, and loses all memory in this time. */
const LEAK_BEGINS_MS = 600_000;
export const LEAK_LASTS_MS = 8 * HOUR_MS;

const DAY_MS = 24 * HOUR_MS;
/** What an image that warms slowly adds. */
const WARMING_C_PER_DAY = 1;
/** How often an image that wears flash writes. */
export const WEARS_EVERY_MS = 300_000;

/** Whole days, by the device's own clock. */
const certificateDaysOf = (device: Device): { readonly certificateDaysLeft?: number } => {
	const certificate = device.surroundings.trust === undefined ? undefined : certificateOf(device);
	return certificate === undefined ? {} : { certificateDaysLeft: Math.floor((certificate.notAfter - device.wallClock.epochMs) / DAY_MS) };
};

const temperatureOf = (device: Device, { behaviour }: RunningImage): number => {
	const quietC = COOLEST_C + device.random.stream('temperature').integer(PLACE_SPREAD_C) + device.random.integer(READING_SPREAD_C);
	if (behaviour === 'warms-slowly') return Math.round(quietC + (device.uptimeMs / DAY_MS) * WARMING_C_PER_DAY);
	return behaviour === 'overheats' ? Math.min(HOTTEST_C, Math.round(quietC + (device.uptimeMs / HOUR_MS) * HEATING_C_PER_HOUR)) : quietC;
};

/** The blocks of one window are what a download keeps in memory. */
const freeMemoryOf = ({ profile, uptimeMs }: Device, { behaviour }: RunningImage): number => {
	const freeBytes = profile.memoryBytes - profile.download.blockSizeBytes * profile.download.windowBlocks;
	return behaviour === 'leaks-memory' ? Math.max(0, Math.round(freeBytes * (1 - Math.max(0, uptimeMs - LEAK_BEGINS_MS) / LEAK_LASTS_MS))) : freeBytes;
};
