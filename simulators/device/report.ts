import { encodeDeviceReport } from '../../harness/protocols/index.js';
import type { Device } from './device.js';
import type { RunningImage } from './running-image.js';

/** What a device tells of itself after each connection. */
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
		temperatureC: COOLEST_C + device.random.integer(TEMPERATURE_SPREAD_C),
		// The blocks of one window are what a download keeps in memory.
		freeMemoryBytes: profile.memoryBytes - profile.download.blockSizeBytes * profile.download.windowBlocks,
	});
};

const COOLEST_C = 20;
const TEMPERATURE_SPREAD_C = 15;
