import type { Release } from '../../firmware/index.js';
import type { InventoryEntry } from '../campaign-service.js';
import type { LeftOut } from '../compatible-devices.js';
import type { CampaignPlan, CompatibilityRule } from '../plan/index.js';
import { createDependencies, type Dependencies } from './dependencies.js';
import { type Baseline, type Drift, isOlder, isVersion } from './inventory-check.js';

export interface Selection {
	/** Devices that may go. */
	readonly devices: readonly Baseline[];
	/** Devices that the campaign is for and that must not go, with the first reason found. */
	readonly leftOut: readonly LeftOut[];
	/** Devices that run the release already. */
	readonly updatedBefore: readonly string[];
	readonly dependencies: Dependencies;
}

export interface SelectionInput {
	readonly plan: CampaignPlan;
	readonly release: Release;
	readonly baselines: ReadonlyMap<string, Baseline>;
	readonly drift: readonly Drift[];
	entryOf(device: string): InventoryEntry | undefined;
}

/** Checks every device that a plan is for, before anything is sent to any of them. */
export const selectDevices = ({ plan, release, baselines, drift, entryOf }: SelectionInput): Selection => {
	const drifted = new Map(drift.map((one) => [one.device, one]));
	const updatedBefore: string[] = [];
	const devices: Baseline[] = [];
	const reasons = new Map<string, string>();
	for (const baseline of inOrder(baselines)) {
		const entry = entryOf(baseline.device);
		if (entry !== undefined && runsAlready(entry, release)) updatedBefore.push(baseline.device);
		if (!isTargeted(baseline, plan)) continue;
		const reason = objectionTo(entry, { plan, release, drift: drifted.get(baseline.device) });
		if (reason !== undefined) reasons.set(baseline.device, reason);
		else devices.push(baseline);
	}
	for (const { device, what, got } of drift) if (what === 'presence' && !baselines.has(device)) reasons.set(device, got);
	const isInRelease = (hardware: string): boolean => release.images.some((image) => image.hardware === hardware);
	const dependencies = createDependencies(
		plan.dependencies,
		[...baselines.values()].filter(({ hardware }) => isInRelease(hardware)),
	);
	const going = new Set(devices.map(({ device }) => device));
	const unmet = dependencies.unmetBy(going, { updatedBefore: new Set(updatedBefore) });
	for (const [device, reason] of unmet) {
		const cause = reasons.get(reason.needs);
		reasons.set(device, `${reason.text}${cause === undefined ? '' : `: ${cause}`}`);
	}
	return {
		devices: devices.filter(({ device }) => !unmet.has(device)),
		leftOut: [...reasons].map(([device, reason]) => ({ device, reason })).sort((left, right) => (left.device < right.device ? -1 : 1)),
		updatedBefore,
		dependencies,
	};
};

const inOrder = (baselines: ReadonlyMap<string, Baseline>): readonly Baseline[] =>
	[...baselines.values()].sort((left, right) => (left.device < right.device ? -1 : 1));

const isTargeted = ({ group, segment, hardware }: Baseline, { targets }: CampaignPlan): boolean =>
	(targets.groups?.includes(group) ?? true) &&
	(targets.segments === undefined || (segment !== undefined && targets.segments.includes(segment))) &&
	(targets.hardware?.includes(hardware) ?? true);

const runsAlready = (entry: InventoryEntry, release: Release): boolean =>
	isVersion(entry.version, release.version) && release.images.some(({ hardware }) => hardware === entry.hardware);

/** Why a device must not go; undefined where nothing speaks against it. */
const objectionTo = (
	entry: InventoryEntry | undefined,
	{ plan, release, drift }: { readonly plan: CampaignPlan; readonly release: Release; readonly drift: Drift | undefined },
): string | undefined => {
	if (entry === undefined) return 'it never reported itself';
	const image = release.images.find(({ hardware }) => hardware === entry.hardware);
	if (image === undefined) return `no image for hardware ${entry.hardware}`;
	if (runsAlready(entry, release)) return `it runs ${entry.version} already`;
	if (drift !== undefined && (plan.drifted === 'leave-out' || drift.what === 'hardware'))
		return `it drifted from its baseline: ${drift.what} ${drift.expected} was expected, got ${drift.got}`;
	if (entry.freeSlotBytes !== undefined && entry.freeSlotBytes < image.bytes.length)
		return `${image.bytes.length} bytes of free slot were expected, got ${entry.freeSlotBytes}`;
	for (const rule of plan.compatibility) {
		if (rule.hardware !== undefined && !rule.hardware.includes(entry.hardware)) continue;
		const objection = objectionBy(rule, entry);
		if (objection !== undefined) return objection;
	}
	return undefined;
};

const objectionBy = (rule: CompatibilityRule, entry: InventoryEntry): string | undefined => {
	if (rule.minimumVersion !== undefined && isOlder(entry.version, rule.minimumVersion))
		return `version ${rule.minimumVersion} or newer was expected, got ${entry.version}`;
	const tooLittle = lacking('free slot', rule.freeSlot, entry.freeSlotBytes) ?? lacking('memory', rule.memory, entry.memoryBytes);
	if (tooLittle !== undefined) return tooLittle;
	const missing = (rule.peripherals ?? []).filter((peripheral) => entry.peripherals?.includes(peripheral) !== true);
	return missing.length > 0 ? `peripheral ${missing.join(', ')} was expected, got ${entry.peripherals?.join(', ') || 'none'}` : undefined;
};

const lacking = (what: string, wantedBytes: number | undefined, gotBytes: number | undefined): string | undefined => {
	if (wantedBytes === undefined || (gotBytes ?? -1) >= wantedBytes) return undefined;
	return `${wantedBytes} bytes of ${what} were expected, got ${gotBytes ?? 'no word of it'}`;
};
