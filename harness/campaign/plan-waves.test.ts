import test from 'ava';
import fc from 'fast-check';
import type { RolloutPlan } from './rollout-plan.js';
import { planWaves } from './plan-waves.js';

const plan = (facts: Partial<RolloutPlan>): RolloutPlan => ({ pilot: 1, waves: [], maxFailureRatio: 0.1, waveTimeoutMs: 1_000, ...facts });

const PLANS: readonly [plan: Partial<RolloutPlan>, devices: number, waves: readonly number[]][] = [
	[{ pilot: 5, waves: [10, 20] }, 100, [5, 10, 20, 65]],
	[{ pilot: 0.05, waves: [0.2, 0.5] }, 100, [5, 20, 50, 25]],
	[{ pilot: 0.29 }, 100, [29, 71]],
	[{ pilot: 0.05 }, 10, [1, 9]],
	[{ pilot: 0.15, waves: [0.25] }, 10, [1, 2, 7]],
	[{ pilot: 5, waves: [10, 20] }, 12, [5, 7]],
	[{ pilot: 5 }, 5, [5]],
	[{ pilot: 50 }, 5, [5]],
	[{ pilot: 1, waves: [0.5, 0.5] }, 3, [1, 1, 1]],
	[{ pilot: 3 }, 0, []],
];
for (const [facts, devices, waves] of PLANS) {
	test(`pilot ${facts.pilot} and waves ${JSON.stringify(facts.waves ?? [])} take ${devices} devices as ${JSON.stringify(waves)}`, (t) => {
		t.deepEqual(planWaves(plan(facts), devices), waves);
	});
}

const WRONG: readonly [plan: Partial<RolloutPlan>, message: RegExp][] = [
	[{ pilot: 0 }, /plan\.pilot: .* got 0/],
	[{ pilot: -1 }, /plan\.pilot: .* got -1/],
	[{ pilot: 1.5 }, /plan\.pilot: .* got 1\.5/],
	[{ pilot: Number.NaN }, /plan\.pilot: .* got NaN/],
	[{ waves: [1, 0] }, /plan\.waves\[1\]: .* got 0/],
	[{ waves: [2.5] }, /plan\.waves\[0\]: .* got 2\.5/],
	[{ waves: [Number.POSITIVE_INFINITY] }, /plan\.waves\[0\]: .* got Infinity/],
	[{ maxFailureRatio: 1.1 }, /plan\.maxFailureRatio: a ratio from 0 to 1 was expected, got 1\.1/],
	[{ maxFailureRatio: -0.1 }, /plan\.maxFailureRatio/],
	[{ maxFailureRatio: Number.NaN }, /plan\.maxFailureRatio/],
	[{ waveTimeoutMs: 0 }, /plan\.waveTimeoutMs: whole milliseconds, 1 or more, were expected, got 0/],
	[{ waveTimeoutMs: 1.5 }, /plan\.waveTimeoutMs/],
	[{ soakMs: -1 }, /plan\.soakMs: whole milliseconds, 0 or more, were expected, got -1/],
];
for (const [facts, message] of WRONG) {
	test(`a plan with ${JSON.stringify(facts)} is refused by name`, (t) => {
		t.throws(() => planWaves(plan(facts), 10), { instanceOf: RangeError, message });
	});
}

test('a number of devices that is none is refused', (t) => {
	for (const devices of [-1, 0.5, Number.NaN]) t.throws(() => planWaves(plan({}), devices), { instanceOf: RangeError, message: /deviceCount/ });
});

test('whatever the plan, every device is in one wave and no wave is empty', (t) => {
	const share = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.double({ min: 0.001, max: 0.999, noNaN: true }));
	fc.assert(
		fc.property(share, fc.array(share, { maxLength: 6 }), fc.integer({ min: 0, max: 1_000 }), (pilot, waves, devices) => {
			const sizes = planWaves(plan({ pilot, waves }), devices);
			t.is(
				sizes.reduce((sum, size) => sum + size, 0),
				devices,
			);
			t.true(sizes.every((size) => size >= 1));
			if (devices > 0) t.true((sizes[0] as number) <= Math.max(1, pilot >= 1 ? pilot : Math.ceil(pilot * devices)));
		}),
		{ seed: 1, numRuns: 500 },
	);
});
