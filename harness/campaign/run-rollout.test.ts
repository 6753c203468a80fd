import test from 'ava';
import fc from 'fast-check';
import type { BlackstartEvent } from '../events/index.js';
import { createContained } from '../invariants/index.js';
import type { RolloutPlan } from './rollout-plan.js';
import type { Release } from '../firmware/index.js';
import { openVirtualWorld } from '../time/index.js';
import type { InventoryEntry } from './campaign-service.js';
import { type CampaignResult, type RolloutOptions, runRollout } from './run-rollout.js';
import { type Course, ScriptedService } from './scripted-service.js';

const release = (name: string, hardware: readonly string[] = ['hw-a', 'hw-b']): Release => ({
	name,
	version: name.slice(1),
	origin: 'harness',
	images: hardware.map((revision) => ({ hardware: revision, bytes: new Uint8Array(4), digest: `${name}-${revision}` })),
});

const PLAN: RolloutPlan = { pilot: 2, waves: [4], maxFailureRatio: 0.25, waveTimeoutMs: 60_000 };
const SUCCEEDS: Course = { takesMs: 5_000, ends: 'succeeded' };
const FAILS: Course = { takesMs: 5_000, ends: 'failed' };

interface Played {
	readonly result: CampaignResult;
	readonly events: readonly BlackstartEvent[];
	readonly service: ScriptedService;
	readonly endedAtMs: number;
}

interface Given {
	readonly script?: (device: string, release: string) => Course;
	readonly devices?: number;
	readonly inventory?: readonly InventoryEntry[];
	readonly options?: Partial<RolloutOptions>;
	readonly plan?: Partial<RolloutPlan>;
	readonly seed?: string;
}

/** Plays a rollout of v2 to d-0, d-1 … in a virtual world. */
const play = async ({ script = () => SUCCEEDS, devices = 10, inventory, options = {}, plan = {}, seed = '1' }: Given = {}): Promise<Played> => {
	using world = openVirtualWorld({ seed });
	const names = Array.from({ length: devices }, (_, index) => `d-${index}`);
	const entries = inventory ?? names.map((device, index) => ({ device, hardware: index % 2 ? 'hw-b' : 'hw-a', version: '1' }));
	const service = new ScriptedService({ clock: world.clock, inventory: entries, script });
	const events: BlackstartEvent[] = [];
	const result = await world.run(() =>
		runRollout({
			rollout: 'r',
			release: release('v2'),
			devices: names,
			plan: { ...PLAN, ...plan },
			service,
			clock: world.clock,
			random: world.random('rollout'),
			record: (event) => events.push(event),
			...options,
		}),
	);
	return { result, events, service, endedAtMs: world.clock.nowMs };
};

const kindsOf = (events: readonly BlackstartEvent[]): readonly string[] => events.map(({ kind }) => kind.replace('rollout-', ''));

const gates = (events: readonly BlackstartEvent[]): readonly unknown[] =>
	events.flatMap((event) => (event.kind === 'rollout-gate' ? [[event.wave, event.decision, event.succeeded, event.failed, event.silent]] : []));

test.serial('a healthy release reaches every device, pilot first, wave by wave', async (t) => {
	const { result, events, service } = await play();
	t.deepEqual(result, { outcome: 'completed', succeeded: 10, failed: 0, untouched: 0, leftOut: [] });
	t.deepEqual(kindsOf(events), ['planned', 'wave', 'gate', 'wave', 'gate', 'wave', 'gate', 'ended']);
	t.deepEqual(
		service.deployed.map(({ job, devices }) => [job, devices.length]),
		[
			['r-wave-0', 2],
			['r-wave-1', 4],
			['r-wave-2', 4],
		],
	);
	t.is(new Set(service.deployed.flatMap(({ devices }) => devices)).size, 10);
	t.deepEqual(service.cancelled, []);
	t.like(events[0], { kind: 'rollout-planned', release: 'v2', devices: 10, waves: [2, 4, 4], maxFailureRatio: 0.25 });
});

test.serial('the same seed draws the same waves, another seed others', async (t) => {
	const waves = async (seed: string): Promise<unknown> => (await play({ seed, devices: 40 })).service.deployed;
	t.deepEqual(await waves('1'), await waves('1'));
	t.notDeepEqual(await waves('1'), await waves('2'));
});

test.serial('a bad release stops at its pilot', async (t) => {
	const { result, events, service } = await play({ script: () => FAILS });
	t.deepEqual(result, { outcome: 'halted', succeeded: 0, failed: 2, untouched: 8, haltedAtWave: 0, leftOut: [] });
	t.deepEqual(kindsOf(events), ['planned', 'wave', 'gate', 'halted', 'ended']);
	t.deepEqual(gates(events), [[0, 'halt', 0, 2, 0]]);
	t.is(service.deployed.length, 1);
});

test.serial('silence is not success: a pilot that says nothing halts the rollout when its time is over', async (t) => {
	const { result, events, endedAtMs } = await play({ script: () => ({ ends: 'never' }) });
	t.deepEqual(gates(events), [[0, 'halt', 0, 0, 2]]);
	t.like(result, { outcome: 'halted', succeeded: 0, failed: 2, untouched: 8 });
	t.is(endedAtMs, 60_000);
});

test.serial('a device that succeeds after the timeout, in the soak, was silent all the same', async (t) => {
	const { events } = await play({ script: () => ({ takesMs: 65_000, ends: 'succeeded' }), plan: { soakMs: 10_000, maxFailureRatio: 1 } });
	t.deepEqual(gates(events)[0], [0, 'go', 0, 0, 2]);
});

test.serial('failures up to the allowed share let the next wave go', async (t) => {
	const { service: drawn } = await play();
	const failing = drawn.deployed[1]?.devices[0];
	const { result, events } = await play({ script: (device) => (device === failing ? FAILS : SUCCEEDS) });
	t.deepEqual(gates(events)[1], [1, 'go', 3, 1, 0]);
	t.like(result, { outcome: 'completed', succeeded: 9, failed: 1, untouched: 0 });
});

test.serial('a wave is halted as soon as its failures are too many whatever the others do, and what has not begun is cancelled', async (t) => {
	const { service: drawn } = await play();
	const [first, second, third] = drawn.deployed[1]?.devices ?? [];
	const script = (device: string): Course => {
		if (device === first || device === second) return FAILS;
		return device === third
			? { beginsMs: 50_000, takesMs: 1, ends: 'succeeded' }
			: { takesMs: drawn.deployed[0]?.devices.includes(device) ? 5_000 : 55_000, ends: 'succeeded' };
	};
	const { result, events, service, endedAtMs } = await play({ script });
	t.deepEqual(gates(events), [
		[0, 'go', 2, 0, 0],
		[1, 'halt', 0, 2, 2],
	]);
	t.true(endedAtMs < 20_000, `${endedAtMs}`);
	t.deepEqual(service.cancelled, ['r-wave-1']);
	t.like(result, { outcome: 'halted', haltedAtWave: 1, succeeded: 2, failed: 3, untouched: 5 });
});

test.serial('the soak is watched before the gate decides: a success that the service takes back halts the rollout', async (t) => {
	const script = (): Course => ({ takesMs: 5_000, ends: 'succeeded', failsAfterMs: 120_000 });
	const soaked = await play({ script, plan: { soakMs: 300_000 } });
	t.deepEqual(gates(soaked.events), [[0, 'halt', 0, 2, 0]]);
	t.true(soaked.endedAtMs < 300_000, 'it does not wait for the rest of the soak');
	const unsoaked = await play({ script });
	t.is(unsoaked.result.outcome, 'completed');
});

test.serial('the soak lasts as long as planned after the last device finished', async (t) => {
	const { events } = await play({ plan: { soakMs: 300_000 } });
	const gate = events.find(({ kind }) => kind === 'rollout-gate') as { readonly at: number };
	t.is(gate.at, 5_001 + 300_000);
});

test.serial('what had gone out is taken back after a halt, late successes too', async (t) => {
	const { service: drawn } = await play();
	const [first, second, third, fourth] = drawn.deployed[1]?.devices ?? [];
	const script = (device: string, name: string): Course => {
		if (name === 'v1') return SUCCEEDS;
		if (device === first || device === second) return FAILS;
		return device === third ? { takesMs: 40_000, ends: 'succeeded' } : device === fourth ? { beginsMs: 50_000, ends: 'succeeded' } : SUCCEEDS;
	};
	const { result, events, service } = await play({ script, options: { previousOf: () => V1 }, plan: { rollback: true } });
	t.like(result, { outcome: 'rolled-back', haltedAtWave: 1, succeeded: 3, failed: 2, untouched: 5 });
	t.deepEqual(kindsOf(events), ['planned', 'wave', 'gate', 'wave', 'gate', 'halted', 'rolled-back', 'rolled-back', 'ended']);
	const back = service.deployed.filter((job) => job.release === 'v1');
	t.deepEqual(
		back.map(({ job, devices }) => [job, [...devices].sort()]),
		[
			['r-rollback-1', [...(drawn.deployed[0]?.devices ?? [])].sort()],
			['r-rollback-2', [third]],
		],
	);
});

test.serial('each device goes back to what it ran before, in one job for each version, and whose version nobody knows is named', async (t) => {
	const V0 = release('v0');
	const before = (device: string): Release | undefined => [V1, V0][Number(device.slice(2)) % 3];
	const previousOf = (job: string, device: string): Release | undefined => {
		asked.push(job);
		return before(device);
	};
	const asked: string[] = [];
	const { result, events, service } = await play({
		plan: { rollback: true, pilot: 10, maxFailureRatio: 0 },
		script: (device, name) => (name === 'v2' && device === 'd-9' ? FAILS : name === 'v2' || device !== 'd-1' ? SUCCEEDS : FAILS),
		options: { previousOf },
	});
	t.is(result.outcome, 'rolled-back');
	t.deepEqual([...new Set(asked)], ['r-wave-0']);
	const back = service.deployed.filter(({ job }) => job.startsWith('r-rollback'));
	t.deepEqual(
		back.flatMap(({ release, devices }) => devices.map((device) => [release, device])).sort(),
		[0, 1, 3, 4, 6, 7].map((index) => [index % 3 === 0 ? 'v1' : 'v0', `d-${index}`]).sort(),
	);
	t.is(new Set(back.map(({ job }) => job)).size, back.length);
	const told = events.flatMap((event) => (event.kind === 'rollout-rolled-back' ? [[event.release, event.devices]] : []));
	t.deepEqual(
		told,
		back.map(({ release, devices }) => [release, devices.length]),
	);
	const steps = events.flatMap((event) => (event.kind === 'scenario-step' ? [event.text] : []));
	t.deepEqual(steps[0], 'rollout r: 1 devices did not go back to v0: d-1');
	t.regex(steps[1] ?? '', /^rollout r: what they ran before is on no record for 3 devices that took the release: d-[258], d-[258], d-[258]$/);
});

test.serial('a rollback with nothing to take back is a halt', async (t) => {
	const { result, events } = await play({ script: () => FAILS, options: { previousOf: () => V1 }, plan: { rollback: true } });
	t.is(result.outcome, 'halted');
	t.false(kindsOf(events).includes('rolled-back'));
});

test.serial('devices that do not go back, and those the previous release has no image for, are named', async (t) => {
	const plan = { rollback: true, pilot: 4 };
	const pilot = (await play({ plan: { pilot: 4 } })).service.deployed[0]?.devices ?? [];
	const script = (device: string, name: string): Course => (name === 'v2' && pilot.includes(device) ? SUCCEEDS : FAILS);
	const { events, result } = await play({ script, plan, options: { previousOf: () => V1_ON_A } });
	t.is(result.outcome, 'rolled-back');
	const steps = events.flatMap((event) => (event.kind === 'scenario-step' ? [event.text] : []));
	t.is(steps.length, 2);
	t.regex(steps[0] ?? '', /^rollout r: [123] devices did not go back to v1: d-[02468](, d-[02468])*$/);
	t.regex(steps[1] ?? '', /v1 has no image for [123] devices that took the release: d-[13579](, d-[13579])*$/);
});

test.serial('devices that the release must not go to are left out and named', async (t) => {
	const inventory = [
		{ device: 'd-0', hardware: 'hw-a', version: '1' },
		{ device: 'd-1', hardware: 'hw-z', version: '1' },
	];
	const { result, events, service } = await play({ devices: 3, inventory });
	t.deepEqual(
		service.deployed.map(({ devices }) => devices),
		[['d-0']],
	);
	t.deepEqual(result.leftOut, [
		{ device: 'd-1', reason: 'no image for hardware hw-z' },
		{ device: 'd-2', reason: 'it never reported itself' },
	]);
	t.like(result, { outcome: 'completed', succeeded: 1, failed: 0, untouched: 2 });
	t.like(events[0], { kind: 'scenario-step', text: 'rollout r leaves out 2 devices: d-1 (no image for hardware hw-z), d-2 (it never reported itself)' });
});

const WRONG: readonly [what: string, given: Given, message: RegExp][] = [
	['a name that no job can have', { options: { rollout: 'a b' } }, /rollout: .* got "a b"/],
	['a rollback without anything to go back to', { plan: { rollback: true } }, /previousOf: what devices go back to was expected/],
	['a wrong plan', { plan: { pilot: 0 } }, /plan\.pilot/],
	['a device given twice', { options: { devices: ['d-0', 'd-0'] } }, /every device once was expected, got d-0 again/],
	[
		'a release that fits no device',
		{ options: { release: release('v2', ['hw-z']) } },
		/release v2: images for at least one of the 10 devices were expected, got none/,
	],
];
for (const [what, given, message] of WRONG) {
	test.serial(`${what} is refused before anything goes out`, async (t) => {
		await t.throwsAsync(play(given), { instanceOf: RangeError, message });
	});
}

test.serial('an error of the service is not taken for a timeout', async (t) => {
	const broken = (): Course => {
		throw new TypeError('the service is broken');
	};
	await t.throwsAsync(play({ script: broken }), { instanceOf: TypeError, message: 'the service is broken' });
});

test.serial('whatever devices answer and whenever, no more are reached than the waves that were let through hold (seed 7)', async (t) => {
	const course = fc.record({
		beginsMs: fc.integer({ min: 1, max: 90_000 }),
		takesMs: fc.integer({ min: 1, max: 90_000 }),
		ends: fc.constantFrom('succeeded' as const, 'failed' as const, 'never' as const),
	});
	const share = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.double({ min: 0.05, max: 0.95, noNaN: true }));
	const plans = fc.record({
		pilot: share,
		waves: fc.array(share, { maxLength: 3 }),
		maxFailureRatio: fc.constantFrom(0, 0.1, 0.34, 0.5, 1),
		soakMs: fc.constantFrom(0, 20_000),
		rollback: fc.boolean(),
	});
	let halts = 0;
	await fc.assert(
		fc.asyncProperty(fc.array(course, { minLength: 1, maxLength: 30 }), plans, async (courses, plan) => {
			const script = (device: string): Course => courses[Number(device.slice(2))] as Course;
			const { result, events, service } = await play({ devices: courses.length, script, plan, options: { previousOf: () => V1 } });
			const reached = service.deployed.filter((job) => job.release === 'v2').flatMap(({ devices }) => devices);
			let letThrough = 0;
			let isOpen = true;
			for (const event of events) {
				if (event.kind === 'rollout-wave') {
					t.true(isOpen);
					letThrough += event.devices;
				}
				if (event.kind === 'rollout-gate') isOpen = event.decision === 'go';
			}
			t.is(reached.length, letThrough);
			t.is(new Set(reached).size, reached.length);
			t.is(result.succeeded + result.failed + result.untouched, courses.length);
			t.true(result.untouched >= courses.length - reached.length);
			t.is(result.outcome === 'completed', isOpen);
			t.deepEqual(judgeContained(events, reached), []);
			if (!isOpen) halts++;
		}),
		{ seed: 7, numRuns: 150 },
	);
	t.true(halts > 20 && halts < 130, `${halts} of 150 halted`);
});

const V1 = release('v1');
const V1_ON_A = release('v1', ['hw-a']);

/** The invariant's own view of the rollout, with every device that was reached running a bad release. */
const judgeContained = (events: readonly BlackstartEvent[], reached: readonly string[]): readonly unknown[] => {
	const contained = createContained();
	const at = 0;
	const image = {
		at,
		release: 'v2',
		version: '2',
		digest: 'bad',
		sizeBytes: 4,
		securityCounter: 0,
		authentic: true,
		behaviour: 'hangs-at-boot',
		bad: true,
	} as const;
	contained.observe({ kind: 'release-published', ...image, hardware: 'hw', origin: 'harness' });
	for (const event of events) contained.observe(event);
	for (const device of reached) {
		contained.observe({ kind: 'device-provisioned', at, device, hardware: 'hw', digest: 'old', version: '1', securityCounter: 0, settings: '' });
		const boot = { cause: 'update', slot: 'b', version: '2', digest: 'bad', trial: true, reverted: false, securityCounter: 0, settings: '' } as const;
		contained.observe({ kind: 'device-boot', at, device, ...boot });
	}
	const { checks, violations } = contained.finish();
	return checks === 1 ? violations : ['contained was not put to the test'];
};
