import type { CampaignPlan } from '../../campaign/index.js';
import { compareVersions, parseVersion } from '../../firmware/index.js';
import type { FleetOptions, FleetPlace } from '../../ports/index.js';
import { UsageError } from '../usage-error.js';
import type { ReleaseFiles } from './release-files.js';

/** Devices report themselves this often, or three times within the silence that a gate allows. */
const REPORT_EVERY_MS = 900_000;
/** An image's header has a byte for it. */
const HIGHEST_MAJOR = 255;

export interface FleetRequest {
	readonly devices: number;
	/** So many of them are not what the plan says: they run another version. */
	readonly drifted: number;
	/** Share of the devices on which any new image fails its self-test, 0-1. */
	readonly weakRatio: number;
	/** The images of the plan, where it names files. */
	readonly files: ReleaseFiles | undefined;
}

/** The fleet that a plan's inventory describes: each device is what its baseline says, but for those that drifted. Throws a UsageError for a number of devices that it cannot have. */
export const describeFleet = (plan: CampaignPlan, { devices, drifted, weakRatio, files }: FleetRequest): FleetOptions => {
	const named = plan.inventory.reduce((sum, group) => sum + (group.devices?.length ?? 0), 0);
	if (named > devices) throw new UsageError(`--devices: ${named} or more were expected, which the plan lists by id, got ${devices}`);
	if (named < devices && plan.inventory.every((group) => group.devices !== undefined))
		throw new UsageError(`--devices: ${named} were expected, all of which the plan lists by id, got ${devices}`);
	if (drifted > devices) throw new UsageError(`--drift: at most ${devices} were expected, which is every device, got ${drifted}`);
	const newest = newestOf(plan);
	if (files === undefined && parseVersion(newest).major >= HIGHEST_MAJOR)
		throw new UsageError(`inventory: versions below ${HIGHEST_MAJOR}.0.0 were expected, as the candidate is the next major one, got ${newest}`);
	const { silence } = plan.gates;
	return {
		places: plan.inventory.flatMap((group) => describePlaces(group, files)),
		installed: { version: newest, securityCounter: files === undefined ? 5 : 0 },
		reportEveryMs: silence === undefined ? REPORT_EVERY_MS : Math.max(1_000, Math.min(REPORT_EVERY_MS, Math.floor(silence / 3))),
		weakRatio,
		drifted,
		...(plan.starts === undefined ? {} : { startEpochMs: plan.starts }),
	};
};

/** The candidate comes after all of them. */
const newestOf = ({ inventory }: CampaignPlan): string => {
	const versions = inventory.flatMap(({ version, devices }) => [version, ...(devices ?? []).flatMap((device) => device.version ?? [])]);
	return versions.reduce((one, other) => (compareVersions(parseVersion(other), parseVersion(one), { withBuild: true }) > 0 ? other : one));
};

/** Devices that are listed stand where, and are what, their own baselines say. */
const describePlaces = (group: CampaignPlan['inventory'][number], files: ReleaseFiles | undefined): readonly FleetPlace[] => {
	const { devices, share } = group;
	if (devices === undefined) return [describePlace(group, { share, files })];
	return devices.map(({ id, hardware = group.hardware, model = group.model, segment = group.segment, version = group.version }) =>
		describePlace({ hardware, model, segment, version }, { devices: [id], files }),
	);
};

const describePlace = (
	{ hardware, segment, model, version }: Pick<CampaignPlan['inventory'][number], 'hardware' | 'segment' | 'model' | 'version'>,
	{ files, ...dealt }: Pick<FleetPlace, 'share' | 'devices'> & { readonly files: ReleaseFiles | undefined },
): FleetPlace => {
	const image = files?.release.images.find((candidate) => candidate.hardware === hardware);
	return {
		hardware,
		...dealt,
		...(segment === undefined ? {} : { segment }),
		...(model === undefined ? {} : { model }),
		installed: version,
		...(files === undefined ? {} : { holdsBytes: image?.bytes.length ?? 1 }),
	};
};
