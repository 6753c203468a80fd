import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { createSampleRun, type FedEvent, type SampleCase } from '../record/sample-run.js';
import { measureWidth } from '../text/index.js';
import { createRunSummary } from './index.js';

const summarise = (events: readonly FedEvent[]) => {
	const summary = createRunSummary();
	for (const [event, scenario] of events) summary.observe(event, scenario);
	summary.close();
	return summary;
};

const render = (events: readonly FedEvent[], columns = 100): string => summarise(events).render({ dir: '/nowhere/run', colour: false, columns });

const pass = (title: string): SampleCase => ({ title, verdict: 'passed' });

test('counts are those of the cases, and one that never ended is errored', (t) => {
	const verdicts = ['passed', 'passed', 'failed', 'errored', 'inconclusive', 'skipped', 'running', 'waiting'] as const;
	const events = createSampleRun({ a: verdicts.map((verdict, index) => ({ title: `${index}`, verdict })) });
	t.deepEqual(summarise(events).counts(), { scenarios: 8, passed: 2, failed: 1, errored: 3, inconclusive: 1, skipped: 1, flaky: 0 });
});

const heads: readonly (readonly [cases: readonly SampleCase[], ended: 'passed' | 'failed' | 'errored' | 'inconclusive' | 'interrupted', head: RegExp])[] = [
	[[pass('a')], 'passed', /^PASSED/],
	[[pass('a'), { title: 'b', verdict: 'failed' }, { title: 'c', verdict: 'errored' }], 'failed', /^FAILED: the product broke its promise in 1 of 3 cases/],
	[[pass('a'), { title: 'c', verdict: 'errored' }, { title: 'd', verdict: 'inconclusive' }], 'errored', /^ERROR: rig or harness failed in 1 cases/],
	[[pass('a'), { title: 'd', verdict: 'inconclusive' }], 'inconclusive', /^INCONCLUSIVE: 1 cases/],
	[[{ title: 'e', verdict: 'skipped' }], 'inconclusive', /^INCONCLUSIVE: no case was executed/],
	[[pass('a'), { title: 'b', verdict: 'waiting' }], 'interrupted', /^INTERRUPTED/],
	[[pass('a')], 'errored', /^ERROR/],
	[[pass('a')], 'inconclusive', /^INCONCLUSIVE/],
];
for (const [cases, ended, head] of heads) {
	test(`the verdict comes first: ${cases.map(({ verdict }) => verdict).join(', ')}, ended ${ended}`, (t) => {
		t.regex(render(createSampleRun({ a: cases }, { ended })), head);
	});
}

test('a failure is told with reason, detail, story and replay line, before the tables', (t) => {
	const text = render(
		createSampleRun(
			{ good: [pass('x')], bad: [{ title: 'y', verdict: 'failed', reason: 'dev-1 does not boot', detail: 'violation 1', steps: ['publish', 'cut'] }] },
			{ ended: 'failed' },
		),
	);
	const wanted = [
		'FAILED  bad: y',
		'  product failure: dev-1 does not boot',
		'    violation 1',
		'  what happened:',
		'    0:00:01.000  cut',
		"  replay: blackstart replay 'bad y seed=42'",
	];
	const lines = text.split('\n');
	const at = wanted.map((line) => lines.indexOf(line));
	t.deepEqual(
		at.map((index) => index > 0),
		wanted.map(() => true),
	);
	t.deepEqual(
		at,
		[...at].sort((a, b) => a - b),
	);
	t.true(at.at(-1)! < lines.findIndex((line) => line.startsWith('scenario ')));
});

test('sixty cases are one line a file, except those that need attention', (t) => {
	const files = Object.fromEntries(
		Array.from({ length: 6 }, (_, file) => [
			`scenario-${file}`,
			Array.from(
				{ length: 10 },
				(_, index): SampleCase => (index === 0 ? { title: 'needs a board', verdict: 'skipped', reason: 'needs power' } : pass(`case ${index}`)),
			),
		]),
	);
	const text = render(createSampleRun(files, { ended: 'passed' }));
	t.true(text.split('\n').length < 45, text);
	t.regex(text, /^scenario-3 {2,}9 +\. +\. +\. +1 +2\.3 s$/m);
	t.regex(text, /^skipped 6: needs power\n {4}scenario-0: needs a board\n/m);
	t.notRegex(text, /case 5/);
});

test('sixty failures stay readable: eight in full, the others short, every one with its replay line', (t) => {
	const cases = Array.from({ length: 60 }, (_, index): SampleCase => ({ title: `case ${index}`, verdict: 'failed', steps: ['publish'] }));
	const text = render(createSampleRun({ a: cases }, { ended: 'failed' }));
	t.is(text.match(/what happened/g)?.length, 8);
	t.is(text.match(/blackstart replay/g)?.length, 60);
});

test('faults that never fired and invariants that were never exercised are named', (t) => {
	const idle = { fault: 'brown-out', armed: 3, fired: 0 };
	const events = createSampleRun({ a: [pass('x')] }, { ended: 'passed' }).map(([event, file]): FedEvent => {
		const changed = event.kind === 'scenario-ended' ? { ...event, faults: [...event.faults, idle] } : event;
		return file === undefined ? [changed] : [changed, file];
	});
	const text = render(events);
	t.regex(text, /^brown-out +3 +0 {2}never fired$/m);
	t.regex(text, /^power-cut +1 +1$/m);
	t.regex(text, /^bootable +500 +0 +1 {2}some authentic firmware boots/m);
	t.regex(text, /^never exercised in this run: whole, authentic, [a-z, \n-]*tidy$/m);
});

test('the matrix of faults and phases shows its holes, sums all cases, and names what no case exercised', (t) => {
	const events = createSampleRun({ a: [pass('x')], b: [pass('y')] }, { ended: 'passed' }).map(([event, file]): FedEvent => {
		if (event.kind !== 'fault-coverage' || file !== 'b') return file === undefined ? [event] : [event, file];
		const rows = [
			{ row: 'P3', phases: { testing: 7 } },
			{ row: 'N2', phases: { idle: 1, recovering: 1 } },
			{ row: 'T12', phases: {} },
		];
		return [{ ...event, rows }, file];
	});
	const text = render(events);
	t.regex(text, /^fault coverage: 3 of 80 rows/m);
	t.regex(text, /^P3 {2}\.d\.\.tr\. {3}N2 {2}i\.\.\.\.\.v$/m);
	t.regex(text, /^by cases as a whole: T12$/m);
	const [, missed = ''] = /^never exercised in this run: ([^a-z]*)/m.exec(text) ?? [];
	t.true(missed.startsWith('P1, P2, P4-P7, P9-'));
	t.false(missed.includes('P3,') || missed.includes('P8,'));
	t.regex(text, /^out of reach, for reasons that `blackstart list --faults` gives: P8, /m);
	t.true(text.split('\n').every((line) => measureWidth(line) <= 100));
});

test('a run that opened no world has no matrix', (t) => {
	t.notRegex(render(createSampleRun({ a: [{ title: 'x', verdict: 'skipped' }] }, { ended: 'inconclusive' })), /fault coverage/);
});

test('warnings and the reports that exist are listed', (t) => {
	const dir = mkdtempSync(join(tmpdir(), 'blackstart-summary-'));
	try {
		writeFileSync(join(dir, 'junit.xml'), '');
		const summary = summarise([...createSampleRun({ a: [pass('x')] }), [{ kind: 'run-warning', message: 'the log and AVA disagree' }]]);
		const text = summary.render({ dir, colour: false });
		t.true(text.includes('warning: the log and AVA disagree\n'));
		t.true(text.endsWith(`reports\n  ${join(dir, 'junit.xml')}\n`));
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
});

test('a narrow terminal gets narrow tables, and what can be copied stays whole', (t) => {
	const steps = ['a step with very many words '.repeat(10)];
	const files = { ['scenario-with-a-rather-long-name'.repeat(3)]: [pass('x')], b: [{ title: 'a title of many words', verdict: 'failed', steps } as const] };
	const lines = render(createSampleRun(files, { ended: 'failed' }), 80).split('\n');
	for (const line of lines.filter((one) => !one.includes('replay'))) t.true(measureWidth(line) <= 80, line);
});

test('colour codes come only when asked for, and noise of devices never reaches the terminal', (t) => {
	const events = createSampleRun(
		{ a: [{ title: 'x\u001b[2J', verdict: 'failed', reason: '\u001b]0;title\u0007\u0000', detail: '\u001b[31mred', steps: ['\u009b2J'] }] },
		{ ended: 'failed' },
	);
	const code = String.fromCharCode(27);
	t.false(render(events).includes(code));
	const coloured = summarise(events).render({ dir: '/nowhere', colour: true });
	t.true(coloured.includes(`${code}[31m`));
	t.false(coloured.includes(`${code}[2J`));
});
