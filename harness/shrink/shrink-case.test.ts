import test from 'ava';
import fc from 'fast-check';
import { planWaves } from '../campaign/index.js';
import { Reducer, type Reduction } from '../scenario/index.js';
import { type Attempt, shrinkCase, sizeOf } from './shrink-case.js';

/** A case to shrink: which devices faults are armed for, in order, and when what is left of it fails. */
interface Model {
	readonly devices: number;
	readonly faults: readonly number[];
	/** From 2: a pilot of one, further waves of one, and the rest. */
	readonly waves: number;
	fails(kept: Kept): boolean;
}

interface Kept {
	readonly devices: readonly number[];
	/** Places among the faults of the whole case, from 1. */
	readonly faults: readonly number[];
	readonly waves: number;
}

/** Runs what a reduction leaves of the model, as a scenario does: a device that is not there is armed nothing. */
const runModel = (model: Model, reduction: Reduction): Attempt & { readonly kept: Kept } => {
	const reducer = new Reducer(reduction);
	const devices = Array.from({ length: model.devices }, (_, index) => index + 1).filter((place) => reducer.keepsDevice(place, `${place}`));
	const faults = model.faults.flatMap((place, index) => ((place === 0 || devices.includes(place)) && reducer.keepsFault(place) ? [index + 1] : []));
	const plan = { pilot: 1, waves: Array.from({ length: model.waves - 2 }, () => 1), maxFailureRatio: 0, waveTimeoutMs: 1 };
	const reduced = reducer.keepWaves(plan, { devices: model.devices, waves: planWaves(plan, model.devices).length });
	const waves = planWaves(reduced, model.devices).length;
	const kept = { devices, faults, waves };
	return { fails: model.fails(kept), extent: reducer.extent, kept };
};

interface ShrinkTestOptions {
	readonly width?: number;
	readonly mostRuns?: number;
	readonly suspects?: readonly (readonly number[])[];
	readonly begin?: Reduction;
}

const shrink = async (model: Model, { width = 1, mostRuns = Number.POSITIVE_INFINITY, suspects = [], begin = {} }: ShrinkTestOptions = {}) => {
	const runs: Reduction[] = [];
	const stop = new AbortController();
	const whole = runModel(model, begin);
	const { smallest, minimal } = await shrinkCase({
		from: { reduction: begin, extent: whole.extent },
		run: async (reduction) => {
			runs.push(reduction);
			if (runs.length > mostRuns) stop.abort();
			return stop.signal.aborted ? { fails: false, extent: whole.extent } : runModel(model, reduction);
		},
		width,
		suspects,
		signal: stop.signal,
	});
	return { smallest, minimal, runs, size: sizeOf(smallest), ...runModel(model, smallest.reduction) };
};

const contains = (all: readonly number[], some: readonly number[]): boolean => some.every((item) => all.includes(item));

const DEVICES = 9;
const place = fc.integer({ min: 1, max: DEVICES });
const cause = fc.record({
	devices: fc.uniqueArray(place, { maxLength: 2 }),
	faults: fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }),
	waves: fc.integer({ min: 1, max: 4 }),
});
const models = fc.record({
	faults: fc.array(fc.integer({ min: 0, max: DEVICES }), { minLength: 6, maxLength: 20 }),
	causes: fc.array(cause, { minLength: 1, maxLength: 3 }),
});

/** Fails where some cause has all that it needs: more of anything never helps. */
const modelOf = ({ faults, causes }: { readonly faults: readonly number[]; readonly causes: readonly Kept[] }): Model => ({
	devices: DEVICES,
	faults,
	waves: 4,
	fails: (kept) => causes.some((need) => contains(kept.devices, need.devices) && contains(kept.faults, need.faults) && kept.waves >= need.waves),
});

test('where more never helps, what is found fails, and not without any one device, fault or wave of it (seed 7)', async (t) => {
	await fc.assert(
		fc.asyncProperty(models, async (drawn) => {
			const model = modelOf(drawn);
			const { fails, minimal, kept, size, smallest } = await shrink(model);
			t.true(fails && minimal);
			t.deepEqual(size, { devices: kept.devices.length, faults: kept.faults.length, waves: kept.waves });
			const without = (list: readonly number[], item: number): readonly number[] => list.filter((other) => other !== item);
			if (kept.devices.length > 1)
				for (const device of kept.devices) {
					const faults = kept.faults.filter((fault) => drawn.faults[fault - 1] !== device);
					t.false(model.fails({ ...kept, devices: without(kept.devices, device), faults }), `device ${device} of ${JSON.stringify(smallest.reduction)}`);
				}
			for (const fault of kept.faults) t.false(model.fails({ ...kept, faults: without(kept.faults, fault) }), `fault ${fault}`);
			if (kept.waves > 1) t.false(model.fails({ ...kept, waves: kept.waves - 1 }));
		}),
		{ seed: 7, numRuns: 300 },
	);
});

test('whatever fails, what is found was run and failed, the same for any width, and a search that is ended is not called minimal (seed 7)', async (t) => {
	const property = fc.asyncProperty(
		fc.func(fc.boolean()),
		models,
		fc.integer({ min: 2, max: 5 }),
		fc.nat({ max: 30 }),
		async (draw, { faults }, width, mostRuns) => {
			const whole = JSON.stringify(runModel({ devices: DEVICES, faults, waves: 4, fails: () => true }, {}).kept);
			const model: Model = { devices: DEVICES, faults, waves: 4, fails: (kept) => JSON.stringify(kept) === whole || draw(JSON.stringify(kept)) };
			const found = await shrink(model);
			t.true(found.fails);
			t.deepEqual((await shrink(model, { width })).smallest, found.smallest);
			const ended = await shrink(model, { mostRuns });
			t.true(ended.fails);
			t.is(ended.minimal, ended.runs.length <= mostRuns);
		},
	);
	await fc.assert(property, { seed: 7, numRuns: 100 });
});

test('one fault on one device of sixty is found, and its text says no more than that', async (t) => {
	const faults = Array.from({ length: 40 }, (_, index) => index + 11);
	const { smallest, size, runs } = await shrink({ devices: 60, faults, waves: 4, fails: (kept) => kept.faults.includes(27) });
	t.deepEqual(smallest.reduction, { devices: [37], waves: 1 });
	t.deepEqual(size, { devices: 1, faults: 1, waves: 1 });
	t.true(runs.length < 25, `${runs.length} runs`);
});

test('a scenario that expects a number of devices of its own is not shrunk to a fleet that is merely too small', async (t) => {
	const { smallest } = await shrink({ devices: 6, faults: [1, 2, 3], waves: 2, fails: (kept) => kept.devices.length < 6 || kept.faults.includes(2) });
	t.deepEqual(smallest.reduction, { faults: [2], waves: 1 });
});

test('where faults are not needed they go first, at once', async (t) => {
	const { smallest, runs } = await shrink({ devices: 8, faults: [1, 2, 3, 4], waves: 3, fails: (kept) => kept.devices.includes(5) && kept.waves >= 2 });
	t.deepEqual(runs[0], { faults: [] });
	t.deepEqual(smallest.reduction, { devices: [5], waves: 2 });
});

test('devices that the failure names are tried first, and left again where they are not the cause', async (t) => {
	const faults = Array.from({ length: 60 }, (_, index) => index + 1);
	const model: Model = { devices: 60, faults, waves: 2, fails: (kept) => kept.faults.includes(37) };
	const named = await shrink(model, { suspects: [[37], [12, 37]] });
	t.deepEqual(named.smallest.reduction, { devices: [37], waves: 1 });
	t.deepEqual(named.runs.slice(0, 2), [{ devices: [37] }, { devices: [37], faults: [] }]);
	t.true(named.runs.length < 6, `${named.runs.length} runs`);
	for (const suspects of [[[12]], [[12], [12, 37]], [[99]]]) t.deepEqual((await shrink(model, { suspects })).smallest.reduction, { devices: [37], waves: 1 });
});

test('suspects that fail for want of the others are let go', async (t) => {
	const model: Model = { devices: 6, faults: [1, 2, 3], waves: 2, fails: (kept) => kept.devices.length < 6 || kept.faults.includes(2) };
	t.deepEqual((await shrink(model, { suspects: [[2]] })).smallest.reduction, { faults: [2], waves: 1 });
});

test('a fault that is kept stays the same one while devices before it go', async (t) => {
	const model: Model = { devices: 4, faults: [0, 1, 2, 3, 3, 4], waves: 2, fails: (kept) => kept.faults.includes(5) };
	const { smallest, runs } = await shrink(model, { begin: { faults: [2, 5] }, suspects: [[3]] });
	t.deepEqual(runs[0], { devices: [3], faults: [3] }, 'the third of those that are armed for it or for the service');
	t.deepEqual(smallest.reduction, { devices: [3], faults: [3], waves: 1 });
});
