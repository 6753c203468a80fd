import test from 'ava';
import { EXHIBITS, STORY_NAMES } from '../../../simulators/museum/index.js';
import { askBlackstart, makeFolder, refusalOf } from '../blackstart.test.support.js';
import { createJudge } from '../../invariants/index.js';
import { formatTour } from './matrix.js';
import { openTourProgress } from './progress.js';
import { doTask, planTour, type Task, type TaskResult } from './task.js';
import { exitCodeOf, gatherTour } from './tour.js';

const sighting = (name: string, caught: boolean): TaskResult => ({
	kind: 'exhibit',
	sighting: {
		name,
		caught,
		by: 'healthy-update',
		invariant: 'trial',
		also: [],
		afterMs: caught ? 1_660 : null,
		message: caught ? 'wrong' : null,
		bug: 'it is wrong',
		incident: 'somewhere#1',
	},
});
const clean = (seed: string, alarms = 0): TaskResult => ({
	kind: 'clean',
	seed,
	stories: 14,
	alarms: Array.from({ length: alarms }, () => ({ story: 'bad-rollout' as const, seed, invariant: 'contained' as const, message: 'reached too many' })),
});
const errored: TaskResult = { kind: 'errored', name: 'healthy-update', seed: '9', message: 'deadlock' };

test.serial('a tour visits every exhibit, and takes right devices through every story with a third of its seeds', (t) => {
	const tasks = planTour({ firstSeed: 5, seeds: 200 });
	t.deepEqual(
		tasks.flatMap((task) => (task.kind === 'exhibit' ? [task.name] : [])),
		EXHIBITS.map(({ name }) => name),
	);
	const seeds = tasks.flatMap((task) => (task.kind === 'clean' ? [task] : []));
	t.deepEqual([seeds.length, seeds[0]?.seed, seeds.at(-1)?.seed], [200, '5', '204']);
	for (const story of STORY_NAMES) t.true(seeds.filter(({ stories }) => stories.includes(story)).length >= 66, story);
});

test.serial('one exhibit comes with its story, one story alone, and another name is wrong', (t) => {
	t.deepEqual(planTour({ firstSeed: 7, seeds: 1, only: 'confirm-on-line-one' }), [
		{ kind: 'exhibit', name: 'confirm-on-line-one', seed: '7' },
		{ kind: 'clean', seed: '7', stories: ['release-that-fails-its-test'] },
	]);
	t.deepEqual(planTour({ firstSeed: 7, seeds: 1, only: 'bad-rollout' }), [{ kind: 'clean', seed: '7', stories: ['bad-rollout'] }]);
	t.throws(() => planTour({ firstSeed: 7, seeds: 1, only: 'no-such' }), {
		instanceOf: RangeError,
		message: /an exhibit or a story was expected, got 'no-such'/,
	});
});

const ENDS: readonly { readonly title: string; readonly results: readonly TaskResult[]; readonly exitCode: number; readonly says: RegExp }[] = [
	{
		title: 'all caught and nobody accused is a pass',
		results: [sighting('b', true), clean('2'), sighting('a', true), clean('1')],
		exitCode: 0,
		says: /2 of 2 wrong parts caught; right devices told 28 stories over 2 seeds, 0 false alarms/,
	},
	{
		title: 'a bug that slips through is a failure, with the line that shows it again',
		results: [sighting('a', true), sighting('b', false), clean('1')],
		exitCode: 1,
		says: /SLIPPED THROUGH b: trial was expected to be broken in healthy-update\n {2}replay: blackstart museum --only b --seed 1\n1 of 2 /,
	},
	{
		title: 'a right device that is accused is a failure, with the line that shows it again',
		results: [sighting('a', true), clean('1'), clean('17', 1)],
		exitCode: 1,
		says: /FALSE ALARM contained accuses right devices in bad-rollout: reached too many\n {2}replay: blackstart museum --only bad-rollout --seed 17\n.*, 1 false alarms/,
	},
	{
		title: "a story that cannot be told is the harness's fault",
		results: [sighting('a', true), errored, clean('1')],
		exitCode: 3,
		says: /COULD NOT BE TOLD healthy-update: deadlock\n {2}replay: blackstart museum --only healthy-update --seed 9/,
	},
];

for (const { title, results, exitCode, says } of ENDS) {
	test(title, (t) => {
		const tour = gatherTour(results);
		t.is(exitCodeOf(tour), exitCode);
		t.regex(formatTour(tour, { firstSeed: 1 }), says);
		t.deepEqual(gatherTour([...results].reverse()), tour, 'whoever was done first');
	});
}

test.serial('an invariant that lies turns a tour red', async (t) => {
	const task: Task = { kind: 'clean', seed: '4', stories: ['unsigned-image', 'healthy-update'] };
	const honest = gatherTour([await doTask(task)]);
	t.deepEqual([honest.falseAlarms, exitCodeOf(honest)], [0, 0]);
	const lying = await doTask(task, {
		createJudge: () => {
			const judge = createJudge();
			return {
				...judge,
				finish: () => judge.finish().map((result) => ({ ...result, violations: result.invariant === 'once' ? [{ at: 5, message: 'twice' }] : [] })),
			};
		},
	});
	const tour = gatherTour([lying]);
	t.deepEqual([tour.falseAlarms, exitCodeOf(tour)], [2, 1]);
	t.deepEqual(tour.alarms[0], { story: 'healthy-update', seed: '4', invariant: 'once', message: 'twice' });
});

test.serial('a task that fails is a result that says what to replay', async (t) => {
	t.like(await doTask({ kind: 'exhibit', name: 'no-such', seed: '1' }), { kind: 'errored', name: 'no-such', seed: '1' });
});

test.serial('progress is ten lines where nobody watches, and one line on a terminal', (t) => {
	for (const [isTTY, lines] of [
		[false, 10],
		[true, 1],
	] as const) {
		let written = '';
		const tasks = planTour({ firstSeed: 1, seeds: 200 });
		const progress = openTourProgress(tasks, { output: { isTTY, write: (text) => (written += text) } });
		for (const task of tasks) progress.done(task.kind === 'clean' ? clean(task.seed) : sighting(task.name, task.name !== 'never-reverts'));
		progress.end();
		t.is(written.split('\n').length - 1, lines);
		t.true(written.trimEnd().endsWith(`museum: ${EXHIBITS.length} of ${EXHIBITS.length} exhibits, 200 of 200 seeds of right devices, 1 wrong`));
	}
});

test.serial('one exhibit from the command line: the JSON that pipelines read', async (t) => {
	const { exitCode, stdout, stderr } = await askBlackstart(makeFolder(t, {}), ['museum', '--only', 'confirm-on-line-one', '--seed', '7', '--json']);
	t.is(exitCode, 0, stderr);
	const { bugs, ...others } = JSON.parse(stdout);
	t.deepEqual(others, { seed: '7', cleanSeeds: 1, cleanStories: 1, falseAlarms: 0, alarms: [], errors: [] });
	t.is(bugs.length, 1);
	t.like(bugs[0], { name: 'confirm-on-line-one', caught: true, by: 'release-that-fails-its-test', invariant: 'trial', incident: 'HB-RF-ETH#110' });
	t.true(bugs[0].afterMs > 0);
	t.regex(stderr, /museum: 1 of 1 exhibits, 1 of 1 seeds/);
});

test.serial('one exhibit from the command line: the matrix that people read', async (t) => {
	const { exitCode, stdout } = await askBlackstart(makeFolder(t, {}), ['museum', '--only', 'confirm-on-line-one', '--seeds', '2', '--jobs', '2']);
	t.is(exitCode, 0);
	t.regex(stdout, /^bug +story +invariant +after +incident\nconfirm-on-line-one +release-that-fails-its-test +trial +\d+\.\d s +HB-RF-ETH#110 *\n/);
	t.regex(stdout, /1 of 1 wrong parts caught; right devices told 2 stories over 2 seeds, 0 false alarms$/);
});

test.serial('wrong use of the museum is exit code 2 and says what was expected', async (t) => {
	const folder = makeFolder(t, {});
	const wrong = (...values: readonly string[]): Promise<string> => refusalOf(t, folder, ['museum', ...values]);
	t.regex(
		await wrong('--only', 'confirm-on-line-on'),
		/--only: an exhibit or a story was expected, got 'confirm-on-line-on'; did you mean confirm-on-line-one/,
	);
	t.regex(await wrong('--seeds', '0'), /--seeds: a whole number from 1/);
	t.regex(await wrong('--jobs', 'many'), /--jobs: /);
});
