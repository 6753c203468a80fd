import test from 'ava';
import type { BlackstartEvent } from '../../harness/events/index.js';
import { describeOutcome, listCases, replayLine, RunRecorder, sumFaults, sumInvariants, tellEvent } from './index.js';
import { createSampleRun, type FedEvent } from './sample-run.js';

const record = (events: readonly FedEvent[]): RunRecorder => {
	const recorder = new RunRecorder();
	for (const [event, scenario] of events) recorder.observe(event, scenario);
	return recorder;
};

const started = (scenario: string, title: string): BlackstartEvent => ({
	kind: 'scenario-started',
	scenario,
	title,
	target: 'simulated-fleet',
	seed: '1',
	options: {},
});
const ended = (scenario: string, title: string): BlackstartEvent => ({ kind: 'scenario-ended', scenario, title, verdict: 'passed', faults: [], virtualMs: 1 });
const step = (text: string): BlackstartEvent => ({ kind: 'scenario-step', at: 0, text });

test('events of scenarios that run at once go to the case of their own file', (t) => {
	const { run, running } = record([
		[started('a', 'one'), 'a'],
		[started('b', 'one'), 'b'],
		[step('of b'), 'b'],
		[step('of a'), 'a'],
		[step('of nobody')],
		[ended('a', 'one'), 'a'],
		[step('of b again')],
	]);
	t.deepEqual(
		run.files.map(({ cases }) => cases[0]!.story.map(tellEvent)),
		[['0:00:00.000  of a'], ['0:00:00.000  of b', '0:00:00.000  of b again']],
	);
	t.deepEqual(
		running.map(({ scenario }) => scenario),
		['b'],
	);
});

test('cases of one title are told apart by their order', (t) => {
	const { run } = record([
		[{ kind: 'scenario-registered', scenario: 'a', titles: ['same', 'same'] }],
		[started('a', 'same')],
		[ended('a', 'same')],
		[started('a', 'same')],
	]);
	t.deepEqual(
		run.files[0]!.cases.map(({ ordinal, status }) => [ordinal, status]),
		[
			[1, 'passed'],
			[2, 'running'],
		],
	);
});

test('timing counts whether it comes before or after the end of its case', (t) => {
	const timing = (wallMs: number): BlackstartEvent => ({ kind: 'run-case-timing', scenario: 'a', title: 'x', startedAt: '2026-01-01T00:00:00Z', wallMs });
	const before = record([[started('a', 'x')], [timing(5)], [ended('a', 'x')]]);
	const after = record([[started('a', 'x')], [ended('a', 'x')], [timing(6)]]);
	t.is(before.run.files[0]!.cases[0]!.wallMs, 5);
	t.is(after.run.files[0]!.cases[0]!.wallMs, 6);
	t.is(after.run.files[0]!.cases.length, 1);
});

test('a case that nobody registered is taken in, and a file without cases stands for itself', (t) => {
	const { run } = record([...createSampleRun({ empty: [] }), [ended('late', 'x')]]);
	t.deepEqual(
		run.files.map((file) => [file.scenario, ...listCases(file).map((one) => describeOutcome(one, run).message ?? 'passed')]),
		[
			['empty', 'not finished (not a product verdict): the scenario file registered no case'],
			['late', 'passed'],
		],
	);
});

test('the outcome of every verdict says who is to blame', (t) => {
	const verdicts = ['passed', 'failed', 'errored', 'inconclusive', 'skipped', 'running', 'waiting'] as const;
	const { run } = record(createSampleRun({ a: verdicts.map((verdict) => ({ title: verdict, verdict })) }, { ended: 'interrupted' }));
	t.deepEqual(
		run.files[0]!.cases.map((one) => describeOutcome(one, run)),
		[
			{ verdict: 'passed', finished: true },
			{ verdict: 'failed', finished: true, message: 'product failure: failed for a reason' },
			{ verdict: 'errored', finished: true, message: 'harness error (not the product): errored for a reason' },
			{ verdict: 'inconclusive', finished: true, message: 'inconclusive: inconclusive for a reason' },
			{ verdict: 'skipped', finished: true, message: 'needs console' },
			{ verdict: 'errored', finished: false, message: 'not finished (not a product verdict): it started and never ended, the run was interrupted' },
			{ verdict: 'errored', finished: false, message: 'not finished (not a product verdict): it never started, the run was interrupted' },
		],
	);
});

test('a long story keeps its last lines and counts them all', (t) => {
	const { run } = record([[started('a', 'x')], ...Array.from({ length: 1000 }, (_, index): FedEvent => [step(`step ${index}`)])]);
	const one = run.files[0]!.cases[0]!;
	t.is(one.told, 1000);
	t.true(one.story.length >= 200 && one.story.length <= 400);
	t.is(tellEvent(one.story.at(-1)!), '0:00:00.000  step 999');
});

test('faults and invariants add up over cases, and what was never checked has no checks', (t) => {
	const { run } = record(createSampleRun({ a: [{ title: 'x', verdict: 'passed' }], b: [{ title: 'y', verdict: 'failed' }] }));
	const cases = run.files.flatMap(listCases);
	t.deepEqual(sumFaults(cases), [{ fault: 'power-cut', armed: 2, fired: 2 }]);
	const sums = sumInvariants(cases);
	t.deepEqual(
		sums.find(({ invariant }) => invariant === 'bootable'),
		{ invariant: 'bootable', checks: 1000, violations: 0, cases: 2 },
	);
	t.deepEqual(
		sums.find(({ invariant }) => invariant === 'contained'),
		{ invariant: 'contained', checks: 0, violations: 0, cases: 0 },
	);
	t.is(sums.length, 14);
});

test('the replay line keeps the case as one shell word', (t) => {
	const { run } = record([[started('a', 'x')], [{ kind: 'run-case', scenario: 'a', title: 'x', case: "a  it's" }]]);
	t.is(replayLine(run.files[0]!.cases[0]!), `blackstart replay 'a  it'\\''s'`);
});
