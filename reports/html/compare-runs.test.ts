import test from 'ava';
import type { FedEvent } from '../record/sample-run.js';
import { createSampleRun, type SampleCase } from '../record/sample-run.js';
import { compareRuns } from './compare-runs.js';
import { HtmlReport } from './html-report.js';
import type { RunData } from './run-data.js';
import { createSampleFleet } from './sample-fleet.js';

const read = (events: readonly FedEvent[]): RunData => {
	const report = new HtmlReport();
	for (const [event, scenario] of events) report.observe(event, scenario);
	return report.read();
};
const runOf = (verdicts: Readonly<Record<string, SampleCase['verdict']>>): RunData =>
	read(createSampleRun({ a: Object.entries(verdicts).map(([title, verdict]) => ({ title, verdict })) }));

test('what got worse comes first, then what is gone, no longer judged, new, better and the same', (t) => {
	const before = runOf({ same: 'passed', worse: 'passed', better: 'errored', gone: 'passed', unjudged: 'failed' });
	const after = runOf({ same: 'passed', worse: 'inconclusive', better: 'passed', fresh: 'failed', unjudged: 'errored' });
	t.deepEqual(
		compareRuns(before, after).map(({ name, before: old, after: now, change }) => [name, old, now, change]),
		[
			['a: worse', 'passed', 'inconclusive', 'worse'],
			['a: gone', 'passed', undefined, 'gone'],
			['a: unjudged', 'failed', 'errored', 'unclear'],
			['a: fresh', undefined, 'failed', 'new'],
			['a: better', 'errored', 'passed', 'better'],
			['a: same', 'passed', 'passed', 'same'],
		],
	);
});

test('a case that still passes is worse where its devices take longer or fewer are updated', (t) => {
	const fleet = (late: number): RunData =>
		read(
			createSampleFleet({ scenario: 'f', title: 'goes', devices: 40 }).map(
				([event, scenario]): FedEvent => [event.kind === 'device-confirmed' ? { ...event, at: event.at + late } : event, scenario ?? ''],
			),
		);
	const [slower] = compareRuns(fleet(0), fleet(60_000));
	t.is(slower?.change, 'worse');
	t.like(slower?.figures[0], { name: 'from job to confirmed, median, ms', isWorse: true });
	t.is(compareRuns(fleet(60_000), fleet(0))[0]?.change, 'better');
	t.is(compareRuns(fleet(0), fleet(10))[0]?.change, 'same');
	const stuck = read(createSampleFleet({ scenario: 'f', title: 'goes', devices: 3, outcome: 'stuck' }));
	const right = read(createSampleFleet({ scenario: 'f', title: 'goes', devices: 3 }));
	t.deepEqual(
		compareRuns(right, stuck)[0]
			?.figures.filter(({ isWorse }) => isWorse)
			.map(({ name }) => name),
		['share of devices updated', 'share of devices stuck or bricked', 'from job to confirmed, median, ms'],
	);
});
