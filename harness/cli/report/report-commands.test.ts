import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createSampleRun } from '../../../reports/record/sample-run.js';
import { createSampleFleet } from '../../../reports/html/sample-fleet.js';
import { type BlackstartEvent, encodeEvent, type Verdict } from '../../events/index.js';
import { makeFolder, startBlackstart } from '../blackstart.test.support.js';

const write = (folder: string, name: string, events: readonly BlackstartEvent[]): void => {
	mkdirSync(join(folder, name), { recursive: true });
	writeFileSync(join(folder, name, 'events.jsonl'), events.map(encodeEvent).join(''));
};

const runsOf = (t: ExecutionContext, verdicts: readonly (readonly Verdict[])[]): string => {
	const folder = makeFolder(t, {});
	verdicts.forEach((cases, index) => {
		const run = createSampleRun({ a: cases.map((verdict, place) => ({ title: `case ${place}`, verdict })) }, { ended: 'failed' }).map(([event]) => event);
		const dated = run.map((event) => (event.kind === 'run-started' ? { ...event, startedAt: `2026-01-0${index + 1}T00:00:00.000Z` } : event));
		write(folder, `reports/runs/${index}`, dated);
	});
	return folder;
};

test('report compare says what got worse and ends with 1, or that nothing did', async (t) => {
	const folder = runsOf(t, [
		['passed', 'failed'],
		['failed', 'passed'],
	]);
	const worse = await startBlackstart(folder, ['report', 'compare', 'reports/runs/0', 'reports/runs/1']);
	t.is(worse.exitCode, 1, worse.stderr);
	t.regex(worse.stdout, /1 worse, 0 gone, 0 unclear, 0 new, 1 better, 0 same\n\nWORSE {2}a: case 0: passed → failed\n\nBETTER {2}a: case 1/);
	const same = await startBlackstart(folder, ['report', 'compare', 'reports/runs/0', 'reports/runs/0', '--json']);
	t.is(same.exitCode, 0);
	t.deepEqual(JSON.parse(same.stdout), { worse: 0, gone: 0, unclear: 0, new: 0, better: 0, same: 2, changes: [] });
	t.is((await startBlackstart(folder, ['report', 'compare', 'reports/runs/0', 'nowhere'])).exitCode, 2);
});

test('report history finds cases that come and go, and none that broke or were repaired for good', async (t) => {
	const folder = runsOf(t, [
		['passed', 'passed', 'failed'],
		['failed', 'failed', 'failed'],
		['passed', 'failed', 'passed'],
	]);
	const { stdout, exitCode } = await startBlackstart(folder, ['report', 'history', '--json']);
	t.is(exitCode, 0);
	t.deepEqual(JSON.parse(stdout), { runs: 3, cases: 3, flaky: [{ name: 'a: case 0', verdicts: ['passed', 'failed', 'passed'], retries: 0 }] });
});

test('report html writes the page of a killed run from the logs of the scenarios it was in the middle of', async (t) => {
	const folder = makeFolder(t, {});
	// What a scenario says of itself is in the run's log when the scenario is over.
	const run = createSampleRun({ done: [{ title: 'holds', verdict: 'passed' }], fleet: [] }).map(([event]) => event);
	write(
		folder,
		'run',
		run.filter((event) => event.kind !== 'scenario-registered' || event.scenario !== 'fleet'),
	);
	write(
		folder,
		'run/partial',
		createSampleFleet({ scenario: 'fleet', title: 'goes out', devices: 5 })
			.slice(0, 40)
			.map(([event]) => event),
	);
	renameSync(join(folder, 'run/partial/events.jsonl'), join(folder, 'run/partial/fleet.jsonl'));
	const { exitCode, stderr } = await startBlackstart(folder, ['report', 'html', 'run']);
	t.is(exitCode, 0, stderr);
	const html = readFileSync(join(folder, 'run/report.html'), 'utf8');
	t.true(/<h1>unfinished<\/h1>[\s\S]*errored: fleet: goes out[\s\S]*not finished/.test(html));
	t.is((await startBlackstart(folder, ['report', 'html', '.'])).exitCode, 2);
	t.false(existsSync(join(folder, 'report.html')));
});
