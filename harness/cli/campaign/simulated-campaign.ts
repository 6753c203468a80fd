import { openSimulatedFleet, type ReplacedParts } from '../../../simulators/fleet/index.js';
import { CampaignKilledError, type CampaignOutcome, type CampaignPlan, type CampaignStore } from '../../campaign/index.js';
import type { BlackstartEvent } from '../../events/index.js';
import { createJudge, type InvariantResult } from '../../invariants/index.js';
import type { ImageBehaviour, Release } from '../../firmware/index.js';
import type { OpenFleet, Reducer } from '../../scenario/index.js';
import { describeFleet } from './describe-fleet.js';
import type { ReleaseFiles } from './release-files.js';

export interface SimulatedCampaignOptions {
	readonly seed: string;
	readonly devices: number;
	/** Share of the devices on which any new image fails its self-test, 0-1. */
	readonly weakRatio: number;
	/** So many devices are not what the plan's baseline says: they run another version. */
	readonly drifted: number;
	/** How the candidate behaves. */
	readonly behaviour: ImageBehaviour;
	/** The images of the plan, where it names files. */
	readonly files: ReleaseFiles | undefined;
	readonly store: CampaignStore;
	/** Kills the controller so long after its start; another one goes on from the store. */
	readonly killAfterMs: number | undefined;
	/** Has a person order it to stop so long after its start. */
	readonly abortAfterMs: number | undefined;
	/** Says which devices, faults and waves of it take part; all by default. */
	readonly reducer?: Reducer;
	/** In place of the right parts; none by default. */
	readonly replaced?: ReplacedParts;
	/** Ends it where it stands, with nothing more recorded: rejects with the signal's reason. */
	readonly signal?: AbortSignal;
	record(event: BlackstartEvent): void;
}

/** What was asked for of a campaign besides its plan. */
export type CampaignRequest = Pick<SimulatedCampaignOptions, 'seed' | 'devices' | 'weakRatio' | 'drifted' | 'behaviour' | 'killAfterMs' | 'abortAfterMs'>;

export interface SimulatedCampaign {
	readonly outcome: CampaignOutcome;
	readonly invariants: readonly InvariantResult[];
	/** Virtual time from the world's opening to its end. */
	readonly virtualMs: number;
}

const HOUR_MS = 3_600_000;
const READY_WITHIN_MS = HOUR_MS;
const SETTLE_WITHIN_MS = 48 * HOUR_MS;

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
		...(options.reducer === undefined ? {} : { reducer: options.reducer }),
		abort: (error: unknown) => {
			failure ??= error;
		},
	};
	await using fleet = await openSimulatedFleet(context, describeFleet(plan, options), options.replaced);
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
	const order = (afterMs: number | undefined) =>
		afterMs === undefined ? {} : { abort: { afterMs, who: 'the person at the console', why: 'ordered with --abort-after' } };
	// An order that comes after the kill is given to the controller that goes on.
	const isForNext = abortAfterMs !== undefined && killAfterMs !== undefined && abortAfterMs >= killAfterMs;
	const first = { ...order(isForNext ? undefined : abortAfterMs), ...(killAfterMs === undefined ? {} : { killAfterMs }) };
	const outcome = await fleet.campaign(plan, { release, store, ...first }).catch((error: unknown) => {
		if (!(error instanceof CampaignKilledError)) throw error;
		return fleet.campaign(plan, { release, store, ...order(isForNext ? Math.max(1, abortAfterMs - killAfterMs) : undefined) });
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
