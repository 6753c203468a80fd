import test from 'ava';
import { parsePlan } from '../plan/index.js';
import { percentilesOf } from './percentiles.js';
import { type RehearsalOptions, rehearsePlan } from './rehearse-plan.js';

const planOf = (...lines: readonly string[]) =>
	parsePlan(
		[
			'name: rehearsed',
			'inventory:',
			'  - { group: sensors, hardware: sensor, version: 1.0.0, criticality: low, share: 3 }',
			'  - { group: gateways, hardware: gateway, version: 3.1.0, criticality: high, devices: [gate-a, gate-b] }',
			...lines,
		].join('\n'),
		{ file: 'plan.yaml' },
	);

const OPTIONS: RehearsalOptions = { devices: 600, seeds: 12, seed: '7', failureRatio: 0.3, backgroundRatio: 0.001 };
const SMALL = ['pilot: 10', 'waves: [30, 100]', 'gates: { failures: 8% }'];
const LARGE = ['pilot: 300', 'gates: { failures: 8% }'];

test.serial('a smaller pilot reaches fewer devices with a bad release, and takes a good one longer', async (t) => {
	const small = await rehearsePlan(planOf(...SMALL, 'soak: 2h'), OPTIONS);
	const large = await rehearsePlan(planOf(...LARGE, 'soak: 2h'), OPTIONS);
	t.deepEqual(small.waves, [10, 30, 100, 460]);
	t.deepEqual(large.waves, [300, 300]);
	t.is(small.bad.haltedRatio, 1);
	t.true(small.bad.reached.worst <= 40);
	t.true(small.bad.reached.p50 < large.bad.reached.p50 && small.bad.reached.worst < large.bad.reached.worst);
	t.true((small.good.tookMs?.p50 ?? 0) > (large.good.tookMs?.p50 ?? 0));
	t.true(small.good.completedRatio > 0.7);
});

test.serial('a release that fails less than its gate allows is not halted, and reaches everyone', async (t) => {
	const { bad } = await rehearsePlan(planOf('pilot: 300', 'gates: { failures: 50% }'), { ...OPTIONS, seeds: 3 });
	t.is(bad.haltedRatio, 0);
	t.is(bad.haltMs, undefined);
	t.is(bad.reached.p50, 600);
	t.true(bad.leftOnIt.p50 > 380 && bad.leftOnIt.p50 < 460);
});

test.serial('the same seed gives the same numbers, another one others', async (t) => {
	const plan = planOf(...SMALL);
	const first = await rehearsePlan(plan, { ...OPTIONS, seeds: 4 });
	t.deepEqual(await rehearsePlan(plan, { ...OPTIONS, seeds: 4 }), first);
	t.notDeepEqual((await rehearsePlan(plan, { ...OPTIONS, seeds: 4, seed: '8' })).good.tookMs, first.good.tookMs);
});

test.serial('windows and rollbacks are rehearsed too', async (t) => {
	const plan = planOf(...SMALL, 'starts: 2026-01-10T12:00Z', 'windows: [{ from: 02:00, to: 04:00, timeZone: UTC }]', 'rollback: at-once');
	const { good, bad } = await rehearsePlan(plan, { ...OPTIONS, seeds: 3 });
	t.true((good.tookMs?.p50 ?? 0) > 14 * 3_600_000);
	t.true((bad.haltMs?.p50 ?? 0) > 14 * 3_600_000);
	// The release before fails on few, however bad the new one is.
	t.true(bad.leftOnIt.p50 <= 1 && bad.reached.p50 >= 10);
});

test.serial('a plan that reaches nobody is an error', async (t) => {
	await t.throwsAsync(rehearsePlan({ ...planOf('pilot: 1'), targets: { segments: ['north'] } }, OPTIONS), {
		instanceOf: RangeError,
		message: /plan rehearsed: one that reaches devices was expected.*no device passed the checks/,
	});
});

test('percentiles are values that came, by nearest rank', (t) => {
	t.deepEqual(percentilesOf([7]), { p50: 7, p90: 7, p99: 7, worst: 7 });
	t.deepEqual(percentilesOf(Array.from({ length: 100 }, (_, index) => 100 - index)), { p50: 50, p90: 90, p99: 99, worst: 100 });
	t.throws(() => percentilesOf([]), { instanceOf: RangeError });
});
