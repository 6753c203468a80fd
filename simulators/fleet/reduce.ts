import { type CampaignPlan, planWaves, type RolloutPlan } from '../../harness/campaign/index.js';
import type { LinkConditions } from '../../harness/faults/index.js';
import type { Reducer } from '../../harness/scenario/index.js';

/** The place that stands for the service and the network, where a fault is for no device. */
export const NO_DEVICE = 0;

/** A link that loses packets is a fault, which a smaller case may do without. */
export const reduceLink = (conditions: LinkConditions, reducer: Reducer): LinkConditions =>
	conditions.lossRatio === 0 || reducer.keepsFault(NO_DEVICE) ? conditions : { ...conditions, lossRatio: 0 };

/** The rollout with as many waves as a smaller case keeps. Throws a RangeError for a wrong plan. */
export const reduceRollout = (plan: RolloutPlan, { reducer, devices }: { readonly reducer: Reducer; readonly devices: number }): RolloutPlan =>
	reducer.keepWaves(plan, { devices, waves: planWaves(plan, devices).length });

/** The campaign with as many waves as a smaller case keeps. */
export const reduceCampaign = (plan: CampaignPlan, { reducer, devices }: { readonly reducer: Reducer; readonly devices: number }): CampaignPlan => {
	const { pilot, waves, gates, deviceTimeout } = plan;
	const sizes = planWaves({ pilot, waves, maxFailureRatio: gates.failures, waveTimeoutMs: deviceTimeout }, devices);
	return reducer.keepWaves(plan, { devices, waves: sizes.length });
};
