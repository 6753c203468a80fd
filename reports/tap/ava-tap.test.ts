import test from 'ava';
import { AvaTapReader, countPoints, judgeAvaTap } from './index.js';

const read = (tap: string) => {
	const reader = new AvaTapReader();
	const ended = tap.split('\n').flatMap((line) => reader.read(line) ?? []);
	const end = reader.end();
	return { ...end, ended: [...ended, ...(end.last ? [end.last] : [])] };
};

const head = 'TAP version 13';
const failing = ['not ok 2 - b', '#   ok 9 - a log', '  ---', '    name: AssertionError', '    message: |-', '      not ok 7 - in a block', '  ...'];
const good = [head, 'ok 1 - a', '', '1..1', '# tests 1', '# pass 1', '# fail 0', ''].join('\n');
const bad = [head, 'ok 1 - a', ...failing, 'ok 3 - c # SKIP', 'not ok 4 - d # TODO', '', '1..4', '# tests 3', '# pass 1', '# skip 1', '# fail 2', ''].join(
	'\n',
);
const crashed = [head, 'ok 1 - a', 'not ok 2 - Error: boom', '', '1..1', '# tests 1', '# pass 1', '# fail 1', ''].join('\n');

test('points, directives and diagnostics are read, logs are not', (t) => {
	const { points, ended } = read(bad);
	t.deepEqual(points, [
		{ ok: true, number: 1, title: 'a', diagnostics: [] },
		{ ok: false, number: 2, title: 'b', diagnostics: ['name: AssertionError', 'message: |-', '  not ok 7 - in a block'] },
		{ ok: true, number: 3, title: 'c', directive: 'skip', diagnostics: [] },
		{ ok: false, number: 4, title: 'd', directive: 'todo', diagnostics: [] },
	]);
	t.deepEqual(ended, points);
	t.deepEqual(countPoints(points), { passed: 1, failed: 1, skipped: 2 });
});

test('a # in a title is no directive, only a bare one at the end is', (t) => {
	t.deepEqual(
		read(`${head}\nok 1 - a # SKIP me not\nok 2 - #2 # SKIP`).points.map(({ title, directive }) => [title, directive]),
		[
			['a # SKIP me not', undefined],
			['#2', 'skip'],
		],
	);
});

const believed: readonly (readonly [what: string, tap: string, exitCode: number])[] = [
	['a run that passed', good, 0],
	['a run that failed', bad, 1],
	['a run with a crashed file, which AVA leaves out of its plan', crashed, 1],
];
for (const [what, tap, exitCode] of believed) {
	test(`${what} is believed`, (t) => {
		t.deepEqual(judgeAvaTap(read(tap), { exitCode }), []);
	});
}

const doubted: readonly (readonly [what: string, tap: string, exitCode: number | string, finding: RegExp])[] = [
	['an empty stream', '', 0, /ended without its plan, and without any test/],
	['a stream that is only a version', head, 1, /without its plan/],
	['a stream cut after a test', `${head}\nok 1 - a`, 0, /ended without its plan, after test 1 \(a\)/],
	['a stream cut inside diagnostics', [head, 'ok 1 - a', ...failing.slice(0, -1)].join('\n'), 1, /inside the diagnostics/],
	['a plan for more tests than came', good.replace('1..1', '1..2'), 0, /plan says 2 tests, 1 came/],
	['a plan for fewer tests than came', good.replace('ok 1 - a', 'ok 1 - a\nok 2 - b'), 0, /plan says 1 tests, 2 came/],
	['a surplus that AVA does not count as a crash', crashed.replace('# fail 1', '# fail 0'), 1, /plan says 1 tests, 2 came/],
	['two plans', good.replace('1..1', '1..1\n1..1'), 0, /2 plans/],
	['a test after the plan', `${good}ok 2 - b`, 0, /1 tests came after the plan/],
	['a number left out', good.replace('ok 1', 'ok 2'), 0, /test 2 \(a\) is out of order/],
	['a plan of nothing', [head, '', '1..0', '# tests 0', '# pass 0', '# fail 0'].join('\n'), 0, /no test ran/],
	['a failure with exit code 0', bad, 0, /ended with 0, but 1 tests failed/],
	['a pass with exit code 1', good, 1, /ended with 1, but no test failed/],
	['a pass and a signal', good, 'SIGKILL', /ended with SIGKILL, but no test failed/],
	['totals that differ', good.replace('# pass 1', '# pass 2'), 0, /total of pass says 2, 1 came/],
	['totals that are missing', good.split('\n').slice(0, 4).join('\n'), 0, /total of pass says nothing, 1 came/],
];
for (const [what, tap, exitCode, finding] of doubted) {
	test(`${what} is doubted`, (t) => {
		t.regex(judgeAvaTap(read(tap), { exitCode }).join('\n'), finding);
	});
}

test('every truncation of a good stream before its totals are complete is doubted', (t) => {
	for (let length = 0; length < good.indexOf('# fail 0') + '# fail 0'.length; length += 1) {
		t.not(judgeAvaTap(read(good.slice(0, length)), { exitCode: 0 }).length, 0, `cut at ${length}`);
	}
});
