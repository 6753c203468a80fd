import { type Profile, profileForImages } from '../device/index.js';

/** The name of its board type, and of the hardware that its images are for. */
export const NETWORKED_HARDWARE = 'virtual-net';

const SLOT_BYTES = 32 * 1024;

/** A small board with a radio: two slots of 32 KiB in which images run in place, and timings that a person can watch. */
export const NETWORKED_PROFILE: Profile = {
	...profileForImages(SLOT_BYTES, { holding: [SLOT_BYTES] }),
	name: NETWORKED_HARDWARE,
	hardware: NETWORKED_HARDWARE,
	bootloader: { trialBoots: 3, verifyEveryBoot: true },
	download: { blockSizeBytes: 512, windowBlocks: 4, format: 'cbor' },
	timings: { bootMs: 150, selfTestMs: 100, trialSoakMs: 800, trialDeadlineMs: 10_000, watchdogMs: 1_000 },
	keepaliveS: 30,
};

/** Its radio: an image of 24 KiB takes it a second or two. */
export const RADIO = { latencyMs: 5, jitterMs: 5, bandwidthBytesPerS: 24_000, lossRatio: 0 } as const;
