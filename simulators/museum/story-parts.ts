import type { Release } from '../../harness/firmware/index.js';
import type { FleetDevice, FleetPort } from '../../harness/ports/index.js';

const HOUR_MS = 3_600_000;

/** Picks a release of a fleet. */
export type Choose = (fleet: FleetPort) => Release;

export const candidate: Choose = ({ releases }) => releases.candidate();
/** Ten blocks, the last of them short. */
export const smaller: Choose = ({ releases }) => releases.candidate({ sizeBytes: 40_000 });
/** A block or two more or less than the candidate of a brief story, the last of them short. */
export const earlier: Choose = ({ releases }) => releases.candidate({ sizeBytes: 6_000 });

/** Options of a fleet whose story is not about the download: an image is a few blocks long. */
export const BRIEF = { imageBlocks: 2.5, referenceShare: 0 } as const;

export const deploy = async (fleet: FleetPort, release: Release, devices: readonly FleetDevice[] = fleet.devices): Promise<void> => {
	await fleet.deploy(release, { devices });
	await fleet.settle({ withinMs: HOUR_MS });
};

/** A device on a link that is slow enough for a story to happen within a download. */
export const SLOW = { latencyMs: 50, jitterMs: 10, bandwidthBytesPerS: 1_000, lossRatio: 0 };

export const migrating: Choose = ({ releases }) => releases.behaving('migrates-settings');

/** Packets that a device receives before the first block: the job, and the broker's receipts for what it said of it. */
export const PACKETS_BEFORE_BLOCKS = 4;
