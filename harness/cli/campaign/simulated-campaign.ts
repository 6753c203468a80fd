import { openSimulatedFleet } from '../../../simulators/fleet/index.js';
import { CampaignKilledError, type CampaignOutcome, type CampaignPlan, type CampaignStore } from '../../campaign/index.js';
import type { BlackstartEvent } from '../../events/index.js';
import { createJudge, type InvariantResult } from '../../invariants/index.js';
import type { FleetOptions, FleetPlace, ImageBehaviour, Release } from '../../ports/index.js';
import type { OpenFleet } from '../../scenario/index.js';
import { UsageError } from '../usage-error.js';
import type { ReleaseFiles } from './release-files.js';

export interface SimulatedCampaignOptions {
	readonly seed: string;
	readonly devices: number;
	/** Share of the devices on which any new image fails its self-test, 0-1. */
	readonly weakRatio: number;
	/** How the candidate behaves. */
	readonly behaviour: ImageBehaviour;
	/** The images of the plan, where it names files. */
	readonly files: ReleaseFiles | undefined;
	readonly store: CampaignStore;
	/** Kills the controller so long after its start; another one goes on from the store. */
	readonly killAfterMs: number | undefined;
	/** Has a person order it to stop so long after its start. */
	readonly abortAfterMs: number | undefined;
	/** Ends it where it stands, with nothing more recorded: rejects with the signal's reason. */
	readonly signal?: AbortSignal;
	record(event: BlackstartEvent): void;
}

export interface SimulatedCampaign {
	readonly outcome: CampaignOutcome;
	readonly invariants: readonly InvariantResult[];
	/** Virtual time from the world's opening to its end. */
	readonly virtualMs: number;
}

const HOUR_MS = 3_600_000;
const READY_WITHIN_MS = HOUR_MS;
const SETTLE_WITHIN_MS = 48 * HOUR_MS;
/** Devices report themselves this often, or three times within the silence that a gate allows. */
const REPORT_EVERY_MS = 900_000;

/** Carries out a plan on a simulated fleet in virtual time, judged by every invariant. */
export const runSimulatedCampaign = async (plan: CampaignPlan, options: SimulatedCampaignOptions): Promise<SimulatedCampaign> => {
	const judge = createJudge();
	const { signal } = options;
	const record = (event: BlackstartEvent): void => {
		if (signal?.aborted) return;
		judge.observe(event);
		options.record(event);
	};
	let failure: unknown;
	const context = {
		seed: `${options.seed}/campaign/${plan.name}`,
		options: { devices: options.devices, keys: options.files?.keys ?? [] },
		record,
		abort: (error: unknown) => {
			failure ??= error;
		},
	};
	await using fleet = await openSimulatedFleet(context, describeFleet(plan, options));
	const outcome = await unlessAborted(carryOut(plan, { fleet, options }), signal);
	if (failure !== undefined) throw failure;
	return { outcome, invariants: judge.finish(), virtualMs: fleet.nowMs };
};

const carryOut = async (
	plan: CampaignPlan,
	{ fleet, options }: { readonly fleet: OpenFleet; readonly options: SimulatedCampaignOptions },
): Promise<CampaignOutcome> => {
	await fleet.ready({ withinMs: READY_WITHIN_MS });
	const release = options.files?.release ?? chooseRelease(fleet.releases, options.behaviour);
	const { store, killAfterMs, abortAfterMs } = options;
	const abort = abortAfterMs === undefined ? {} : { abort: { afterMs: abortAfterMs, who: 'the person at the console', why: 'ordered with --abort-after' } };
	const outcome = await fleet.campaign(plan, { release, store, ...abort, ...(killAfterMs === undefined ? {} : { killAfterMs }) }).catch((error: unknown) => {
		if (!(error instanceof CampaignKilledError)) throw error;
		return fleet.campaign(plan, { release, store });
	});
	await fleet.settle({ withinMs: SETTLE_WITHIN_MS });
	await fleet.finish();
	return outcome;
};

/** Time goes on for what is given up until its world is disposed of. */
const unlessAborted = async <Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> => {
	if (signal === undefined) return work;
	const aborted = new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
	work.catch(() => {});
	return Promise.race([work, aborted]);
};

const chooseRelease = (
	releases: { candidate(options: { readonly revocable: true }): Release; behaving(behaviour: ImageBehaviour): Release },
	behaviour: ImageBehaviour,
): Release => (behaviour === 'healthy' ? releases.candidate({ revocable: true }) : releases.behaving(behaviour));

/** The fleet that a plan's inventory describes. */
const describeFleet = (plan: CampaignPlan, { weakRatio, files, devices }: SimulatedCampaignOptions): FleetOptions => {
	const versions = [...new Set(plan.inventory.map(({ version }) => version))];
	const [version = '1.0.0'] = versions;
	if (versions.length > 1)
		throw new UsageError(`inventory: a simulated fleet runs one version at the start, the plan names ${versions.join(' and ')}; rehearse takes any`);
	const named = plan.inventory.reduce((sum, group) => sum + (group.devices?.length ?? 0), 0);
	if (named > devices) throw new UsageError(`--devices: ${named} or more were expected, which the plan lists by id, got ${devices}`);
	if (named < devices && plan.inventory.every((group) => group.devices !== undefined))
		throw new UsageError(`--devices: ${named} were expected, all of which the plan lists by id, got ${devices}`);
	const { silence } = plan.gates;
	return {
		places: plan.inventory.map((group) => describePlace(group, files)),
		installed: { version, securityCounter: files === undefined ? 5 : 0 },
		reportEveryMs: silence === undefined ? REPORT_EVERY_MS : Math.max(1_000, Math.min(REPORT_EVERY_MS, Math.floor(silence / 3))),
		weakRatio,
		...(plan.starts === undefined ? {} : { startEpochMs: plan.starts }),
	};
};

const describePlace = ({ hardware, segment, share, devices }: CampaignPlan['inventory'][number], files: ReleaseFiles | undefined): FleetPlace => {
	const image = files?.release.images.find((candidate) => candidate.hardware === hardware);
	return {
		hardware,
		share,
		...(segment === undefined ? {} : { segment }),
		...(devices === undefined ? {} : { devices: devices.map(({ id }) => id) }),
		...(files === undefined ? {} : { holdsBytes: image?.bytes.length ?? 1 }),
	};
};
