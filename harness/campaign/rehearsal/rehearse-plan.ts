import type { Release } from '../../firmware/index.js';
import { openVirtualWorld } from '../../time/index.js';
import { type CampaignOutcome, runCampaign } from '../controller/index.js';
import type { CampaignPlan } from '../plan/index.js';
import { Calendar } from '../window/index.js';
import { DEFAULT_FLEET_MODEL, type FleetModel } from './fleet-model.js';
import { type Percentiles, percentilesOf } from './percentiles.js';
import { PREVIOUS_VERSION, StatisticalPlatform } from './statistical-platform.js';

export interface RehearsalOptions {
	readonly devices: number;
	/** How often; each has randomness of its own, derived from `seed`. */
	readonly seeds: number;
	readonly seed: string;
	/** Share of the devices on which the bad release fails, 0-1. */
	readonly failureRatio: number;
	/** Share of the devices on which the good release fails all the same, 0-1. */
	readonly backgroundRatio: number;
	readonly model?: Omit<FleetModel, 'failureRatio' | 'backFailureRatio'>;
	/** Told after every campaign. */
	onCampaign?(done: number, of: number): void;
}

/** What one plan came to over many seeds. */
export interface Rehearsal {
	readonly campaign: string;
	readonly devices: number;
	readonly seeds: number;
	readonly seed: string;
	/** Sizes of its waves, pilot first. */
	readonly waves: readonly number[];
	readonly bad: {
		readonly failureRatio: number;
		/** Share of the seeds in which a gate stopped it. */
		readonly haltedRatio: number;
		/** Devices that began it, before the halt or in all where none came. */
		readonly reached: Percentiles;
		/** From the campaign's start to the halt; absent where none came. */
		readonly haltMs?: Percentiles;
		/** Devices that had taken it and stayed on it after the rollback. */
		readonly leftOnIt: Percentiles;
	};
	readonly good: {
		readonly failureRatio: number;
		/** Share of the seeds in which it went out to the end; the others were halted by bad luck. */
		readonly completedRatio: number;
		/** From start to end, of those that did; absent where none did. */
		readonly tookMs?: Percentiles;
		/** Devices that did not take it: failed, silent, or left out because what they need first failed. Of those that completed. */
		readonly notUpdated?: Percentiles;
		readonly stuck: Percentiles;
	};
	/** Virtual time of all campaigns together, times the devices. */
	readonly deviceHours: number;
	readonly model: Omit<FleetModel, 'failureRatio' | 'backFailureRatio'>;
}

/**
 * Carries out a plan many times with the real controller over a light statistical fleet in virtual time: once for each seed
 * with a release that fails on `failureRatio` of the devices, and once with one that fails on `backgroundRatio` of them.
 * Throws a RangeError for a plan that sends nothing to anybody.
 */
export const rehearsePlan = async (plan: CampaignPlan, options: RehearsalOptions): Promise<Rehearsal> => {
	const { devices, seeds, seed, failureRatio, backgroundRatio, model = DEFAULT_FLEET_MODEL, onCampaign } = options;
	const bad: Rehearsed[] = [];
	const good: Rehearsed[] = [];
	const calendar = new Calendar();
	for (let index = 0; index < seeds; index++) {
		for (const [outcomes, ratio] of [
			[bad, failureRatio],
			[good, backgroundRatio],
		] as const) {
			const outcome = await rehearseOnce(plan, {
				devices,
				seed: `${seed}/${index}`,
				model: { ...model, failureRatio: ratio, backFailureRatio: backgroundRatio },
				calendar,
			});
			outcomes.push(summarise(outcome));
			onCampaign?.(bad.length + good.length, seeds * 2);
		}
	}
	const halts = bad.flatMap(({ haltMs }) => haltMs ?? []);
	const completed = good.filter(({ isCompleted }) => isCompleted);
	return {
		campaign: plan.name,
		devices,
		seeds,
		seed,
		waves: bad[0]?.waves ?? [],
		bad: {
			failureRatio,
			haltedRatio: halts.length / seeds,
			reached: percentilesOf(bad.map(({ reached }) => reached)),
			...(halts.length === 0 ? {} : { haltMs: percentilesOf(halts) }),
			leftOnIt: percentilesOf(bad.map(({ leftOnIt }) => leftOnIt)),
		},
		good: {
			failureRatio: backgroundRatio,
			completedRatio: completed.length / seeds,
			...(completed.length === 0
				? {}
				: {
						tookMs: percentilesOf(completed.map(({ tookMs }) => tookMs)),
						notUpdated: percentilesOf(completed.map(({ succeeded }) => devices - succeeded)),
					}),
			stuck: percentilesOf(good.map(({ stuck }) => stuck)),
		},
		deviceHours: Math.round([...bad, ...good].reduce((sum, { tookMs }) => sum + tookMs, 0) * (devices / HOUR_MS)),
		model,
	};
};

/** All that is kept of one campaign, whatever its size. */
interface Rehearsed {
	readonly waves: readonly number[];
	readonly isCompleted: boolean;
	readonly reached: number;
	readonly succeeded: number;
	readonly leftOnIt: number;
	readonly stuck: number;
	readonly haltMs: number | undefined;
	readonly tookMs: number;
}

const summarise = ({ outcome, waves, haltedAtWave, reached, succeeded, sentBack, notReturned, stuck, tookMs }: CampaignOutcome): Rehearsed => ({
	waves: waves.map(({ devices }) => devices),
	isCompleted: outcome === 'completed',
	reached,
	succeeded,
	leftOnIt: succeeded - sentBack + notReturned.length,
	stuck: stuck.length,
	haltMs: waves[haltedAtWave ?? -1]?.endedMs,
	tookMs,
});

const HOUR_MS = 3_600_000;
/** Devices are asked about this often: the tenth part of what an update takes is close enough. */
const POLL_MS = 60_000;
/** Devices of the light model stay as well as they were: there is nothing to find. */
const EXAMINE_EVERY_MS = 3_600_000;
/** Newer than anything that an inventory holds. */
const REHEARSED_VERSION = '255.255.65535';

const rehearseOnce = async (
	plan: CampaignPlan,
	{ devices, seed, model, calendar }: { readonly devices: number; readonly seed: string; readonly model: FleetModel; readonly calendar: Calendar },
): Promise<CampaignOutcome> => {
	using world = openVirtualWorld({ seed, ...(plan.starts === undefined ? {} : { startEpochMs: plan.starts }) });
	const platform = new StatisticalPlatform({ clock: world.clock, random: world.random('fleet'), model, plan, devices });
	const outcome = await world.run(() =>
		runCampaign({
			plan: { ...plan, approver: plan.approver ?? 'a rehearsal' },
			release: releaseFor(plan, { name: 'rehearsed', version: REHEARSED_VERSION }),
			previous: releaseFor(plan, { name: 'previous', version: PREVIOUS_VERSION }),
			platform,
			clock: world.clock,
			random: world.random('campaign'),
			record: () => {},
			pollMs: POLL_MS,
			examineEveryMs: EXAMINE_EVERY_MS,
			calendar,
		}),
	);
	if (outcome.outcome === 'refused') throw new RangeError(`plan ${plan.name}: one that reaches devices was expected, got a refusal: ${outcome.reason}`);
	return outcome;
};

const releaseFor = ({ inventory }: CampaignPlan, { name, version }: { readonly name: string; readonly version: string }): Release => ({
	name,
	version,
	origin: 'harness',
	images: [...new Set(inventory.flatMap(({ hardware, devices }) => [hardware, ...(devices ?? []).flatMap((device) => device.hardware ?? [])]))].map(
		(hardware) => ({
			hardware,
			bytes: new Uint8Array(0),
			digest: `${name}-${hardware}`,
		}),
	),
});
