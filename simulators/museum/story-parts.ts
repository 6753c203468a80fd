import type { FleetDevice, FleetPort, Release } from '../../harness/ports/index.js';

const HOUR_MS = 3_600_000;

/** Picks a release of a fleet. */
export type Choose = (fleet: FleetPort) => Release;

export const candidate: Choose = ({ releases }) => releases.candidate();
export const smaller: Choose = ({ releases }) => releases.candidate({ sizeBytes: 40_000 });
export const deploy = async (fleet: FleetPort, release: Release, devices: readonly FleetDevice[] = fleet.devices): Promise<void> => {
	await fleet.deploy(release, { devices });
	await fleet.settle({ withinMs: HOUR_MS });
};

/** A device on a link that is slow enough for a story to happen within a download. */
export const SLOW = { latencyMs: 50, jitterMs: 10, bandwidthBytesPerS: 1_000, lossRatio: 0 };
