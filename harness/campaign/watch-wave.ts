import type { RolloutPlan } from './rollout-plan.js';
import type { Clock } from '../time/index.js';
import type { CampaignService } from './campaign-service.js';
import { decideGate, type WaveTally } from './gate.js';
import { type Assignment, Unfinished } from './unfinished.js';
import { untilOrTimeout } from './until-or-timeout.js';

/** Failures are counted over a whole wave at most this often; that all have finished is seen at once. */
const COUNT_EVERY_MS = 1_000;

/**
 * Watches a wave until its devices have finished or `waveTimeoutMs` is over, then for `soakMs` more, and counts it for the gate.
 * A device that had not finished by the timeout is silent, whatever it says in the soak; a success that the service takes
 * back in the soak is a failure. The watch ends early as soon as the failures so far, over the whole wave, are too many
 * for the gate whatever the others do: devices still at work then count as silent.
 */
export const watchWave = async (
	{ job, devices }: Assignment,
	{ service, clock, plan, label }: { readonly service: CampaignService; readonly clock: Clock; readonly plan: RolloutPlan; readonly label: string },
): Promise<WaveTally> => {
	const unfinished = new Unfinished(service, [{ job, devices }]);
	const isPending = (device: string): boolean => service.statusOf(job, device) === 'pending';
	let silent: ReadonlySet<string> = new Set();
	const tally = (): WaveTally => {
		let succeeded = 0;
		let failed = 0;
		for (const device of devices) {
			if (silent.has(device)) continue;
			const status = service.statusOf(job, device);
			if (status === 'succeeded') succeeded++;
			else if (status !== 'pending') failed++;
		}
		return { succeeded, failed, silent: silent.size };
	};
	let countAtMs = clock.nowMs;
	const isLost = (): boolean => {
		if (clock.nowMs < countAtMs) return false;
		countAtMs = clock.nowMs + COUNT_EVERY_MS;
		const { failed, silent } = tally();
		return decideGate({ succeeded: devices.length - failed - silent, failed, silent }, plan.maxFailureRatio) === 'halt';
	};
	await untilOrTimeout(clock, { condition: () => unfinished.isEmpty() || isLost(), withinMs: plan.waveTimeoutMs, label });
	silent = new Set(devices.filter(isPending));
	const soakMs = plan.soakMs ?? 0;
	if (soakMs > 0 && decideGate(tally(), plan.maxFailureRatio) === 'go')
		await untilOrTimeout(clock, { condition: isLost, withinMs: soakMs, label: `${label}, soaking` });
	return tally();
};
