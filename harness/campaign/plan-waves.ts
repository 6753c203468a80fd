import type { RolloutPlan } from './rollout-plan.js';

/**
 * How many devices each wave takes, pilot first; the sum is `deviceCount`. A fraction is of all devices, rounded down, and at
 * least one device. Waves that find no devices left are dropped; devices that no wave takes make a last one.
 * Throws a RangeError that names the plan's field.
 */
export const planWaves = (plan: RolloutPlan, deviceCount: number): number[] => {
	assertRolloutPlan(plan);
	if (!(Number.isSafeInteger(deviceCount) && deviceCount >= 0))
		throw new RangeError(`deviceCount: a whole number, 0 or more, was expected, got ${deviceCount}`);
	const sizes: number[] = [];
	let left = deviceCount;
	for (const share of [plan.pilot, ...plan.waves]) {
		const size = Math.min(left, countOf(share, deviceCount));
		if (size > 0) sizes.push(size);
		left -= size;
	}
	if (left > 0) sizes.push(left);
	return sizes;
};

/** Throws a RangeError that names the field, what was expected and what came. */
export const assertRolloutPlan = (plan: RolloutPlan): void => {
	assertShare('plan.pilot', plan.pilot);
	for (const [index, share] of plan.waves.entries()) assertShare(`plan.waves[${index}]`, share);
	const { maxFailureRatio, waveTimeoutMs, soakMs } = plan;
	if (!(maxFailureRatio >= 0 && maxFailureRatio <= 1)) throw new RangeError(`plan.maxFailureRatio: a ratio from 0 to 1 was expected, got ${maxFailureRatio}`);
	if (!(Number.isSafeInteger(waveTimeoutMs) && waveTimeoutMs >= 1))
		throw new RangeError(`plan.waveTimeoutMs: whole milliseconds, 1 or more, were expected, got ${waveTimeoutMs}`);
	if (soakMs !== undefined && !(Number.isSafeInteger(soakMs) && soakMs >= 0))
		throw new RangeError(`plan.soakMs: whole milliseconds, 0 or more, were expected, got ${soakMs}`);
};

const assertShare = (field: string, share: number): void => {
	const isFraction = share > 0 && share < 1;
	if (!isFraction && !(Number.isSafeInteger(share) && share >= 1))
		throw new RangeError(`${field}: a whole number of devices (1 or more) or a fraction of the fleet (above 0, below 1) was expected, got ${share}`);
};

/** The small term keeps 0.29 of 100 at 29, whose product in floating point is a little less. */
const countOf = (share: number, deviceCount: number): number => (share >= 1 ? share : Math.max(1, Math.floor(share * deviceCount + 1e-9)));
