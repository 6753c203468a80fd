import test from 'ava';
import type { BlackstartEvent } from '../../harness/events/index.js';
import { createJudge } from '../../harness/invariants/index.js';
import { runCase } from '../../harness/scenario/run-case.js';
import { createRunSummary } from '../../reports/index.js';
import { openSimulatedFleet } from '../fleet/index.js';
import { STORIES, tellStory } from './index.js';

const HOUR_MS = 3_600_000;
const SEED = 'idle';

const options = { devices: 3, referenceShare: 0 };

test.serial('a fleet that nothing is asked of puts only to the test what a first boot shows, and the results say so', async (t) => {
	const { results } = await tellStory({ options, tell: ({ fleet }) => fleet.sleep(HOUR_MS) }, { seed: SEED });
	t.deepEqual(
		results.map(({ invariant, checks, violations }) => [invariant, checks, violations.length]),
		[
			['bootable', 0, 0],
			['whole', 3, 0],
			['authentic', 3, 0],
			['no-downgrade', 0, 0],
			['trial', 0, 0],
			['settings', 0, 0],
			['truthful', 0, 0],
			['once', 0, 0],
			['converges', 0, 0],
			['thrifty', 0, 0],
			['gentle', 0, 0],
			['contained', 0, 0],
			['audited', 0, 0],
			['tidy', 0, 0],
		],
	);
});

test.serial('a healthy update without a fault leaves the invariants of repeats, resumed downloads, outages and rollouts at no checks', async (t) => {
	const { results } = await tellStory(STORIES['healthy-update'], { seed: SEED });
	t.deepEqual(
		results.filter(({ checks }) => checks === 0).map(({ invariant }) => invariant),
		['once', 'thrifty', 'gentle', 'contained'],
	);
});

test.serial('a rollout of a healthy release does not count as one that was contained', async (t) => {
	const { broken, results } = await tellStory(STORIES['good-rollout'], { seed: SEED });
	t.deepEqual(broken, []);
	t.is(results.find(({ invariant }) => invariant === 'contained')?.checks, 0);
});

test.serial('the log and the summary of a run name the invariants that it never exercised', async (t) => {
	const events: BlackstartEvent[] = [];
	const write = (event: BlackstartEvent): void => void events.push(event);
	write({ kind: 'scenario-registered', scenario: 'idle', titles: ['nothing happens'] });
	await runCase(
		{
			title: 'nothing happens',
			options: { needs: ['fleet'] },
			run: async (context) => void (await (await context.openFleet(options)).ready({ withinMs: HOUR_MS })),
		},
		{
			host: {
				scenario: 'idle',
				seed: 'idle',
				options: { devices: 3, keys: [] },
				caseText: () => 'idle/nothing-happens:seed=idle:devices=3',
				write,
				flush: () => {},
				openConsole: () => ({ append: () => {}, close: () => undefined }),
				createJudge,
				nowMs: () => 0,
				isoNow: () => '2026-01-01T00:00:00.000Z',
				every: () => () => {},
				whenIdleForever: () => () => {},
			},
			target: { name: 'simulated fleet', capabilities: ['fleet'], openFleet: openSimulatedFleet },
			slug: 'nothing-happens',
		},
	);
	const judged = events.filter((event) => event.kind === 'invariant-judged');
	t.is(judged.length, 14);
	const idle = judged.filter(({ checks }) => checks === 0).map(({ invariant }) => invariant);
	t.deepEqual(idle, [
		...['bootable', 'no-downgrade', 'trial', 'settings', 'truthful', 'once', 'converges'],
		...['thrifty', 'gentle', 'contained', 'audited', 'tidy'],
	]);
	t.deepEqual(
		events.filter((event) => event.kind === 'fault-coverage'),
		[{ kind: 'fault-coverage', rows: [] }],
	);
	const summary = createRunSummary();
	for (const event of events) summary.observe(event, 'idle');
	t.true(summary.render({ dir: '.', colour: false, columns: 200 }).includes(`never exercised in this run: ${idle.join(', ')}`));
});
