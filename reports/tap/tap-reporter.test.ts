import { execa } from 'execa';
import test from 'ava';
import fc from 'fast-check';
import { parseStrictXml } from '../junit/index.js';
import { createSampleRun, type FedEvent, type SampleCase } from '../record/sample-run.js';
import { openTapReporter } from './index.js';

const writeTap = (events: readonly FedEvent[]): string => {
	const texts: string[] = [];
	const reporter = openTapReporter({ write: (text) => void texts.push(text) });
	for (const [event, scenario] of events) reporter.observe(event, scenario);
	reporter.close();
	return texts.join('');
};

const digest = async (tap: string) => {
	const { stdout } = await execa('tap-junit', [], { preferLocal: true, input: tap, reject: false });
	const root = parseStrictXml(stdout.trim());
	return { root, cases: root.children[0]!.children };
};

const cases: readonly SampleCase[] = [
	{ title: 'passes # 100 % \\o/', verdict: 'passed' },
	{ title: 'fails', verdict: 'failed', reason: 'dev-1 is "bricked" # now', detail: 'line 1\nline 2' },
	{ title: 'errs', verdict: 'errored' },
	{ title: 'unsure', verdict: 'inconclusive' },
	{ title: 'skipped', verdict: 'skipped', reason: 'needs #2 console' },
	{ title: 'opens {', verdict: 'skipped', reason: 'needs {' },
	{ title: 'closes {', verdict: 'passed' },
	{ title: 'hangs', verdict: 'running' },
];

test('tap-junit reads back every case: names, failures with their message, skips, and the counts', async (t) => {
	const tap = writeTap(createSampleRun({ a: cases }, { ended: 'failed' }));
	const { root, cases: found } = await digest(tap);
	t.deepEqual(
		found.map(({ attributes, children }) => [attributes.name, children[0]?.name, children[0]?.attributes.type, children[0]?.attributes.message]),
		[
			['a: passes # 100 % \\o/', undefined, undefined, undefined],
			['a: fails', 'failure', 'fail', 'product failure: dev-1 is "bricked" # now'],
			['a: errs', 'failure', 'error', 'harness error (not the product): errored for a reason'],
			['a: unsure', 'failure', 'inconclusive', 'inconclusive: inconclusive for a reason'],
			['a: skipped', 'skipped', undefined, undefined],
			['a: opens {…', 'skipped', undefined, undefined],
			['a: closes {…', undefined, undefined, undefined],
			['a: hangs', 'failure', 'error', 'not finished (not a product verdict): it started and never ended'],
		],
	);
	t.deepEqual({ ...root.attributes }, { tests: '8', name: 'Tap-Junit', failures: '4' });
	t.true(tap.includes('replay: "blackstart replay \'a fails seed=42\'"'));
	t.true(tap.includes(' # SKIP needs \\#2 console\n'));
	t.true(tap.includes(' # time=250.000ms\n'));
	t.true(tap.endsWith('\n1..8\n'));
});

test('a run that never ends has no plan, and bails out', (t) => {
	const tap = writeTap(createSampleRun({ a: cases }));
	t.notRegex(tap, /^1\.\./m);
	t.regex(tap, /^not ok 8 - a: hangs\n/m);
	t.true(tap.endsWith('Bail out! the run did not come to its end\n'));
});

test('points stand in catalogue order whatever the order cases end in', (t) => {
	const one: SampleCase[] = [{ title: 'x', verdict: 'passed' }];
	const [head, ...rest] = createSampleRun({ first: one, second: one, third: [] }, { ended: 'passed' });
	const backwards = [head!, ...rest.filter(([, file]) => file === 'second'), ...rest.filter(([, file]) => file === 'first'), ...rest.slice(-1)];
	t.regex(writeTap(backwards), /^TAP version 14\nok 1 - first: x [^\n]*\nok 2 - second: x [^\n]*\nnot ok 3 - third: \(no case known\)\n[\s\S]*\n1\.\.3\n$/);
});

test('a case is written as soon as those before it have ended', (t) => {
	const texts: string[] = [];
	const reporter = openTapReporter({ write: (text) => void texts.push(text) });
	const seen = createSampleRun({
		a: [
			{ title: 'x', verdict: 'passed' },
			{ title: 'y', verdict: 'passed' },
		],
	}).map(([event, scenario]) => {
		reporter.observe(event, scenario);
		return `${event.kind} ${texts.join('').match(/^ok/gm)?.length ?? 0}`;
	});
	t.deepEqual(
		seen.filter((line) => line.startsWith('scenario-ended')),
		['scenario-ended 1', 'scenario-ended 2'],
	);
});

test('no title or reason of a device makes another point, directive or plan, and tap-junit makes strict XML of all', async (t) => {
	const noise = fc
		.array(
			fc.oneof(
				fc.constantFrom(
					'\n',
					'\r',
					'\u2028',
					'#',
					'# SKIP',
					' # TODO x',
					'\\',
					'1..3',
					'\nok 9 - fake',
					'\u001b[31m',
					'\u0000',
					'\ud800',
					']]>',
					'"',
					'  ---',
					'  ...',
					'{',
				),
				fc.string(),
			),
			{ maxLength: 8 },
		)
		.map((parts) => parts.join(''));
	const rows = fc.sample(fc.tuple(noise, noise, noise), { seed: 5, numRuns: 150 });
	const noisy = rows.map(
		([title, reason, detail], index): SampleCase => ({ title, reason, detail, verdict: (['passed', 'failed', 'skipped', 'errored'] as const)[index % 4]! }),
	);
	const { root, cases: found } = await digest(writeTap(createSampleRun({ a: noisy }, { ended: 'failed' })));
	t.is(root.attributes.tests, '150');
	t.deepEqual(
		found.map(({ children }) => children[0]?.name),
		noisy.map(({ verdict }) => ({ passed: undefined, failed: 'failure', skipped: 'skipped', errored: 'failure' })[verdict as 'passed']),
	);
});
