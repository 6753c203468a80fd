import { createMemoryStore, DEFAULT_BACKGROUND_RATIO, rehearsePlan } from '../../campaign/index.js';
import { readPlanFile } from '../campaign/plan-file.js';
import { findPackageRoot } from '../package-root.js';
import { measureUsage, type Usage } from './usage.js';

/** Campaigns, simulated or rehearsed. */
export interface CampaignMeasurement {
	readonly devices: number;
	/** Of virtual time that devices passed through. */
	readonly deviceHours: number;
	readonly usage: Usage;
}

const SEED = '1';
const PLAN = 'scenarios/plans/small-pilot.yaml';
const FAILURE_RATIO = 0.02;
const HOUR_MS = 3_600_000;

const readPlan = () => readPlanFile(PLAN, { directory: findPackageRoot() });

/** The small pilot's plan carried out on the simulated fleet, with a healthy release. Throws where it does not complete, or an invariant is broken. */
export const measureCampaign = async (devices: number): Promise<CampaignMeasurement & { readonly events: number }> => {
	const { runSimulatedCampaign } = await import('../campaign/simulated-campaign.js');
	let events = 0;
	const { result, usage } = await measureUsage(() =>
		runSimulatedCampaign(readPlan(), {
			seed: SEED,
			devices,
			weakRatio: 0,
			drifted: 0,
			behaviour: 'healthy',
			files: undefined,
			store: createMemoryStore(),
			killAfterMs: undefined,
			abortAfterMs: undefined,
			record: () => {
				events++;
			},
		}),
	);
	const { outcome, invariants, virtualMs } = result;
	if (outcome.outcome !== 'completed') throw new Error(`the campaign was to complete, it ended ${outcome.outcome}: ${outcome.reason}`);
	const broken = invariants.find(({ violations }) => violations.length > 0);
	if (broken) throw new Error(`${broken.invariant} is broken: ${JSON.stringify(broken.violations[0])}`);
	return { devices, events, deviceHours: (devices * virtualMs) / HOUR_MS, usage };
};

/** The same plan rehearsed: for each seed once with a release that fails on one device in fifty and once with a good one. */
export const measureRehearsal = async (devices: number, seeds: number): Promise<CampaignMeasurement> => {
	const options = { devices, seeds, seed: SEED, failureRatio: FAILURE_RATIO, backgroundRatio: DEFAULT_BACKGROUND_RATIO };
	const { result, usage } = await measureUsage(() => rehearsePlan(readPlan(), options));
	return { devices, deviceHours: result.deviceHours, usage };
};
