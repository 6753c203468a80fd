import { compareVersions, parseVersion } from '../../firmware/index.js';
import type { InventoryEntry } from '../campaign-service.js';
import type { BaselineGroup, CampaignPlan, Criticality } from '../plan/index.js';

/** What is known good of one device. */
export interface Baseline {
	readonly device: string;
	readonly group: string;
	readonly model?: string | undefined;
	readonly hardware: string;
	readonly version: string;
	readonly segment?: string | undefined;
	readonly criticality: Criticality;
}

/** One way in which a device is not what its baseline says. */
export interface Drift {
	readonly device: string;
	readonly what: 'model' | 'hardware' | 'version' | 'segment' | 'presence';
	readonly expected: string;
	readonly got: string;
}

export interface CheckedInventory {
	readonly baselines: ReadonlyMap<string, Baseline>;
	/** By device, then in the order of the fields. */
	readonly drift: readonly Drift[];
}

/**
 * Holds what devices reported against the plan's baseline. A device that a group lists is that group's; any other is of the
 * first group of its hardware, and of its segment where the group names one. Devices on `releaseVersion` already have not
 * drifted for that.
 */
export const checkInventory = (
	plan: Pick<CampaignPlan, 'inventory'>,
	{ entries, releaseVersion }: { readonly entries: readonly InventoryEntry[]; readonly releaseVersion: string },
): CheckedInventory => {
	const baselines = new Map<string, Baseline>();
	const drift: Drift[] = [];
	for (const group of plan.inventory) for (const device of group.devices ?? []) baselines.set(device.id, baselineOf(group, device));
	const reported = new Map(entries.map((entry) => [entry.device, entry]));
	for (const entry of entries) {
		if (baselines.has(entry.device)) continue;
		const group = plan.inventory.find((candidate) => candidate.devices === undefined && isMember(entry, candidate));
		if (group !== undefined) baselines.set(entry.device, baselineOf(group, { id: entry.device }));
		else drift.push({ device: entry.device, what: 'presence', expected: 'no such device', got: `${entry.hardware} in no group of the inventory` });
	}
	for (const baseline of baselines.values()) {
		const entry = reported.get(baseline.device);
		if (entry === undefined) drift.push({ device: baseline.device, what: 'presence', expected: baseline.hardware, got: 'it never reported itself' });
		else drift.push(...driftOf(entry, { baseline, releaseVersion }));
		// Where the plan names no segment, a device is where it says it is.
		if (baseline.segment === undefined && entry?.segment !== undefined) baselines.set(baseline.device, { ...baseline, segment: entry.segment });
	}
	return { baselines, drift: drift.sort((left, right) => (left.device < right.device ? -1 : left.device > right.device ? 1 : 0)) };
};

const isMember = (entry: InventoryEntry, group: BaselineGroup): boolean =>
	entry.hardware === group.hardware && (group.segment === undefined || entry.segment === undefined || entry.segment === group.segment);

const baselineOf = (group: BaselineGroup, device: NonNullable<BaselineGroup['devices']>[number]): Baseline => ({
	device: device.id,
	group: group.group,
	model: device.model ?? group.model,
	hardware: device.hardware ?? group.hardware,
	version: device.version ?? group.version,
	segment: device.segment ?? group.segment,
	criticality: device.criticality ?? group.criticality,
});

/** In what a device differs from its baseline, in the order of the fields. */
export const driftOf = (
	entry: InventoryEntry,
	{ baseline, releaseVersion }: { readonly baseline: Baseline; readonly releaseVersion: string },
): readonly Drift[] => {
	const { device } = entry;
	const drift: Drift[] = [];
	for (const what of ['model', 'hardware', 'segment'] as const) {
		const [expected, got] = [baseline[what], entry[what]];
		if (expected !== undefined && got !== undefined && expected !== got) drift.push({ device, what, expected, got });
	}
	if (!isVersion(entry.version, baseline.version) && !isVersion(entry.version, releaseVersion))
		drift.push({ device, what: 'version', expected: baseline.version, got: entry.version });
	return drift;
};

/** Whether two versions are one, written with or without the parts that are 0. */
export const isVersion = (version: string, other: string): boolean => {
	if (version === other) return true;
	try {
		return compareVersions(parseVersion(version), parseVersion(other), { withBuild: true }) === 0;
	} catch (error) {
		// A device may report anything.
		if (error instanceof RangeError) return false;
		throw error;
	}
};

/** Whether a version is older than another; false for one that is no version. */
export const isOlder = (version: string, than: string): boolean => {
	try {
		return compareVersions(parseVersion(version), parseVersion(than), { withBuild: true }) < 0;
	} catch (error) {
		if (error instanceof RangeError) return false;
		throw error;
	}
};
