import test from 'ava';
import fc from 'fast-check';
import {
	boundFailureRate,
	type CutRecord,
	createProfile,
	encodeCutRecord,
	encodeSweepCase,
	encodeSweepStart,
	findLargestGap,
	findOtherStart,
	parseSweepCase,
	parseSweepState,
	planCuts,
	placeOfTime,
	summariseSweep,
	timeOfPlace,
} from './index.js';

const PROFILE = createProfile(
	[
		{ phase: 'transfer', atMs: 0 },
		{ phase: 'install', atMs: 900 },
		{ phase: 'install', atMs: 950 },
		{ phase: 'trial', atMs: 2400 },
	],
	{ durationMs: 2700 },
);

const anyProfile = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 7 }).map((lasts) => {
	let atMs = 0;
	const marks = lasts.map((lastsMs, index) => {
		const mark = { phase: `p${index}`, atMs };
		atMs += lastsMs;
		return mark;
	});
	return createProfile(marks, { durationMs: atMs });
});

test('a profile has the phases of its marks, and a mark that comes again begins none', (t) => {
	t.deepEqual(PROFILE.phases, [
		{ name: 'transfer', fromMs: 0, lastsMs: 900 },
		{ name: 'install', fromMs: 900, lastsMs: 1500 },
		{ name: 'trial', fromMs: 2400, lastsMs: 300 },
	]);
	t.throws(() => createProfile([], { durationMs: 1 }), { message: /first mark at 0 ms was expected, got none/ });
	t.throws(() => createProfile([{ phase: 'a', atMs: 3 }], { durationMs: 5 }), { message: /got a at 3 ms/ });
	t.throws(() => createProfile([...[0, 9, 4].map((atMs, index) => ({ phase: `p${index}`, atMs }))], { durationMs: 10 }), { message: /marks in order/ });
	t.throws(() => createProfile([{ phase: 'a', atMs: 0 }], { durationMs: 0 }), { message: /an end behind its last mark/ });
});

test('a time of the update and its place are the same thing, and a place beyond its phase lies at its end', (t) => {
	fc.assert(
		fc.property(anyProfile, fc.double({ min: 0, max: 1, noNaN: true }), (profile, ratio) => {
			const atMs = Math.round(ratio * profile.durationMs * 1000) / 1000;
			return Math.abs(timeOfPlace(profile, placeOfTime(profile, atMs)) - atMs) < 0.001;
		}),
	);
	t.is(timeOfPlace(PROFILE, { phase: 'install', offsetMs: 9_000 }), 2400);
	t.throws(() => timeOfPlace(PROFILE, { phase: 'reboot', offsetMs: 0 }), { message: /\(transfer, install, trial\), got 'reboot'/ });
});

test('as many cuts are planned as were asked for, all within the update, the same ones for the same seed', (t) => {
	fc.assert(
		fc.property(anyProfile, fc.integer({ min: 1, max: 400 }), fc.nat(), (profile, cuts, seed) => {
			const planned = planCuts(profile, { cuts, seed: String(seed) });
			t.is(planned.length, cuts);
			t.deepEqual(planned, planCuts(profile, { cuts, seed: String(seed) }));
			for (const [index, cut] of planned.entries()) {
				t.is(cut.index, index);
				t.true(cut.atMs >= 0 && cut.atMs <= profile.durationMs);
				t.true(Math.abs(timeOfPlace(profile, cut) - cut.atMs) < 0.002);
			}
		}),
		{ numRuns: 60 },
	);
	t.notDeepEqual(planCuts(PROFILE, { cuts: 50, seed: '1' }), planCuts(PROFILE, { cuts: 50, seed: '2' }));
	for (const cuts of [0, -1, 1.5, Number.NaN]) t.throws(() => planCuts(PROFILE, { cuts, seed: '1' }), { instanceOf: RangeError });
});

test('however early a sweep ends, its spread cuts leave no gap larger than four equal shares', (t) => {
	fc.assert(
		fc.property(anyProfile, fc.integer({ min: 8, max: 300 }), fc.double({ min: 0.2, max: 1, noNaN: true }), (profile, cuts, ratio) => {
			const done = planCuts(profile, { cuts, seed: '1' })
				.slice(0, Math.ceil(cuts * ratio))
				.filter(({ why }) => why === 'spread');
			const gap = findLargestGap(
				profile,
				done.map(({ atMs }) => atMs),
			);
			t.true(gap.toMs - gap.fromMs <= (4 * profile.durationMs) / done.length);
		}),
		{ numRuns: 100 },
	);
});

test('every border of a phase is cut at, and on both sides', (t) => {
	const planned = planCuts(PROFILE, { cuts: 40, seed: '1' });
	for (const border of [900, 2400]) {
		t.true(planned.some(({ atMs, why }) => why === 'border' && atMs === border));
		t.true(planned.some(({ atMs }) => atMs < border && border - atMs <= 2));
		t.true(planned.some(({ atMs }) => atMs > border && atMs - border <= 2));
	}
	t.is(planCuts(createProfile([{ phase: 'all', atMs: 0 }], { durationMs: 10 }), { cuts: 5, seed: '1' }).filter(({ why }) => why === 'border').length, 0);
});

test('the bound on the failure rate is exact: 3 / n without a failure, and as in the tables of Clopper and Pearson with some', (t) => {
	t.is(boundFailureRate({ cuts: 0, failures: 0 }), 1);
	t.true(Math.abs(boundFailureRate({ cuts: 200, failures: 0 }) - (1 - 0.05 ** (1 / 200))) < 1e-12);
	t.true(Math.abs(boundFailureRate({ cuts: 1000, failures: 0 }) - 3 / 1000) < 1e-5);
	// One-sided 95 % for 1 of 10 and 2 of 20, from published tables.
	t.true(Math.abs(boundFailureRate({ cuts: 10, failures: 1 }) - 0.39416) < 1e-4);
	t.true(Math.abs(boundFailureRate({ cuts: 20, failures: 2 }) - 0.28262) < 1e-4);
	t.is(boundFailureRate({ cuts: 3, failures: 3 }), 1);
	fc.assert(
		fc.property(fc.integer({ min: 2, max: 2_000 }), fc.double({ min: 0, max: 0.9, noNaN: true }), (cuts, ratio) => {
			const failures = Math.floor(cuts * ratio);
			const bound = boundFailureRate({ cuts, failures });
			return bound > failures / cuts && bound <= 1 && bound <= boundFailureRate({ cuts, failures: failures + 1 });
		}),
	);
	for (const wrong of [
		{ cuts: 1, failures: 2 },
		{ cuts: -1, failures: 0 },
		{ cuts: 1, failures: 0, confidence: 1 },
	])
		t.throws(() => boundFailureRate(wrong), { instanceOf: RangeError });
});

const cutAt = (index: number, atMs: number, more: Partial<CutRecord> = {}): CutRecord => {
	const place = placeOfTime(PROFILE, atMs);
	return { index, board: 'b-1', planned: place, commanded: place, commandedAtMs: atMs, outcome: 'old', findings: [], boardMs: 90, wallMs: 100, ...more };
};

test('a summary tells the largest gap, the jitter, the phases, and leaves cuts without evidence out of the bound', (t) => {
	const result = summariseSweep(PROFILE, [
		cutAt(0, 100, { observed: { phase: 'transfer', offsetMs: 104 }, observedAtMs: 104 }),
		cutAt(1, 1000, { outcome: 'broken', observedAtMs: 1002, planned: { phase: 'install', offsetMs: 93 } }),
		cutAt(2, 2500, { outcome: 'unseen' }),
	]);
	t.is(result.cuts, 2);
	t.is(result.unseen, 1);
	t.is(result.broken, 1);
	t.is(result.failureRateBelow, boundFailureRate({ cuts: 2, failures: 1 }));
	t.deepEqual(result.largestGap, { fromMs: 1000, toMs: 2700, phase: 'install' });
	t.deepEqual(result.switching, { medianMs: 4, worstMs: 4 });
	t.deepEqual(result.aim, { medianMs: 7, worstMs: 7 });
	t.deepEqual(
		result.phases.map(({ name, cuts, broken }) => [name, cuts, broken]),
		[
			['transfer', 1, 0],
			['install', 1, 1],
			['trial', 0, 0],
		],
	);
	t.true(Math.abs(result.overheadRatio - 0.1) < 1e-12);
	t.deepEqual(summariseSweep(PROFILE, []).largestGap, { fromMs: 0, toMs: 2700, phase: 'transfer' });
});

const START = { boards: ['b-1'], thereAndBack: true, rigDigest: 'aa', path: 'serial', golden: '01', candidate: '02', seed: '7', cuts: 3, profile: PROFILE };

test('the state of a sweep reads back as it was written, without a last line that was cut short', (t) => {
	const records = [cutAt(2, 100), cutAt(0, 900, { findings: [{ invariant: 'bootable', message: 'x\ny' }], outcome: 'broken' })];
	const text = encodeSweepStart(START) + records.map(encodeCutRecord).join('');
	t.deepEqual(parseSweepState(text), { start: START, records });
	t.deepEqual(parseSweepState(text.slice(0, -3)), { start: START, records: records.slice(0, 1) });
	t.throws(() => parseSweepState(''), { message: /line 1: its start was expected/ });
	t.throws(() => parseSweepState(`${text}nonsense\n`), { message: /line 4: an object in JSON was expected, got "nonsense"/ });
	t.throws(() => parseSweepState(text + encodeCutRecord(cutAt(2, 1))), { message: /line 4: a cut that was not made before was expected, got 2/ });
	t.throws(() => parseSweepState(text + encodeCutRecord(cutAt(3, 1))), { message: /line 4/ });
	t.is(findOtherStart(START, START), undefined);
	t.is(findOtherStart(START, { ...START, seed: '8' }), 'it was begun with seed 7, got 8');
});

test('the case of a cut reads back as it was written', (t) => {
	fc.assert(
		fc.property(fc.string({ minLength: 1, maxLength: 60 }), fc.nat(1_000_000), fc.nat(), (path, offsetUs, seed) => {
			const one = {
				board: 'b-1',
				rig: { path, digest: '0123456789ab' },
				path: 'serial',
				place: { phase: 'install', offsetMs: offsetUs / 1000 },
				seed: String(seed),
			};
			const text = encodeSweepCase(one);
			t.regex(text, /^[\w/:=@.%-]+$/);
			t.deepEqual(parseSweepCase(text), one);
		}),
	);
	const good = encodeSweepCase({
		board: 'b-1',
		rig: { path: 'r.yaml', digest: '0123456789ab' },
		path: 'serial',
		place: { phase: 'install', offsetMs: 1 },
		seed: '7',
	});
	for (const [wrong, why] of [
		['sweep/', 'it should begin with sweep/BOARD'],
		[good.replace('b-1', '../b'), 'it should begin with sweep/BOARD'],
		[`${good}:x=1`, "'x=1' is no part of it"],
		[`${good}:seed=7`, "'seed=7' is no part of it, or stands there twice"],
		[good.replace('1ms', '1s'), 'offset= should hold milliseconds'],
		[good.replace('@0123', '@x'), 'rig= should hold FILE@ and 12 hex digits'],
		[good.replace('r.yaml', '%E0'), "'%E0' is not percent-encoded text"],
		[good.replace(':seed=7', ''), 'seed= should hold a whole number'],
	] as const)
		t.true(t.throws(() => parseSweepCase(wrong), { instanceOf: TypeError })?.message.includes(why), `${wrong}: ${why}`);
});
