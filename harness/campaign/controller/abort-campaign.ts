import type { AbortOrder, WaveState } from './campaign-state.js';
import type { CampaignControl } from './control.js';

/**
 * Halts a campaign because a person ordered it, in the wave that is under way or was to begin. What no device has begun is
 * taken back or let go on, as the plan has it for any halt; devices that have begun end what they are at.
 */
export const abortCampaign = (control: CampaignControl, { order, index }: { readonly order: AbortOrder; readonly index: number }): void => {
	const { state, options, plan, epochMs } = control;
	const { who, why } = order;
	const wave = state.waves[index] as WaveState;
	control.decide({ who, what: 'aborted', why: `${wave.startedMs === undefined ? 'before' : 'in'} wave ${index}: ${why}` });
	if (wave.startedMs !== undefined) wave.endedMs = epochMs;
	wave.decision = 'halt';
	state.abort = order;
	state.phase = 'halted';
	state.haltedAtWave = index;
	state.haltedMs = epochMs;
	state.reason = `aborted by ${who}: ${why}`;
	options.record({ kind: 'rollout-halted', at: options.clock.nowMs, rollout: plan.name, reason: state.reason });
	control.save();
};
