import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { makeFolder, readEvents, readSeededLines, refusalOf, startBlackstart, TINY_HEAD } from './blackstart.test.support.js';

const scenarioFile = (title: string, body = ''): string =>
	`${TINY_HEAD}scenario('${title}', { needs: ['fleet'] }, async (context) => {
	const fleet = await context.openFleet();
	context.step(\`draws \${context.random('one').integer(1000)}\`);
	await fleet.sleep(context.random('two').integer(900));
	context.evidence('chance', Math.random());
	${body}
});
scenario('${title} too', { needs: ['fleet'] }, async (context) => {
	const fleet = await context.openFleet();
	await fleet.sleep(1500);
	context.evidence('chance', Math.random());
	await context.openFleet();
});
`;

test('one seed writes one event log byte for byte, whatever the number of jobs; another seed another', async (t) => {
	const folder = makeFolder(t, { 'all/a.mjs': scenarioFile('first'), 'all/b.mjs': scenarioFile('second'), 'all/c.mjs': scenarioFile('third') });
	const run = async (out: string, ...flags: string[]) => {
		const { exitCode, stderr } = await startBlackstart(folder, ['run', 'all', '--devices', '50', '--out', out, ...flags]);
		t.is(exitCode, 0, stderr);
		return readSeededLines(join(folder, out));
	};
	const one = await run('one', '--seed', '7', '--jobs', '1');
	t.deepEqual(await run('two', '--seed', '7', '--jobs', '2'), one);
	const moments = (lines: readonly string[]) => lines.filter((line) => line.startsWith('{"kind":"device-state"'));
	t.notDeepEqual(moments(await run('three', '--seed', '8', '--jobs', '2')), moments(one));
	t.true(one.length > 3 * 3 * 100);
	t.false(
		one.some((line) => line.includes(folder)),
		'no event of a scenario holds a path',
	);
});

test('a case replayed alone is, event for event, the case of the whole run, and fails again', async (t) => {
	const folder = makeFolder(t, { 'my files/b.ts': scenarioFile('breaks at 5 %', `context.fail('wanted less');`) });
	const whole = await startBlackstart(folder, ['run', 'my files/b.ts', '--seed', '7', '--devices', '20', '--out', 'whole']);
	t.is(whole.exitCode, 1);
	const text = readFileSync(join(folder, 'whole/cases/b.breaks-at-5-percent.txt'), 'utf8').trim();
	t.regex(text, /^[\w./%=:-]+$/, 'a case needs no quotes in a shell');

	const eventsOf = (out: string, title: string): readonly string[] => {
		const lines = readSeededLines(join(folder, out));
		const from = lines.findIndex((line) => line.includes('"scenario-started"') && line.includes(`"title":"${title}"`));
		return lines.slice(from, lines.findIndex((line, index) => index > from && line.includes('"scenario-ended"')) + 1);
	};
	const again = await startBlackstart(folder, ['replay', text, '--out', 'again']);
	t.is(again.exitCode, 1, again.stderr);
	t.deepEqual(eventsOf('again', 'breaks at 5 %'), eventsOf('whole', 'breaks at 5 %'));
	t.is(readEvents(join(folder, 'again')).filter(({ kind }) => kind === 'scenario-started').length, 1);

	const other = await startBlackstart(folder, ['replay', text.replace('breaks-at-5-percent', 'breaks-at-5-percent-t'), '--out', 'other']);
	t.is(other.exitCode, 0, other.stderr);
	t.deepEqual(eventsOf('other', 'breaks at 5 % too'), eventsOf('whole', 'breaks at 5 % too'));
});

test("a run takes a new folder, or an earlier run's, which it cleans, and no other", async (t) => {
	const folder = makeFolder(t, {
		'a.ts': `import { scenario } from 'blackstart'; scenario('holds', { needs: [] }, async (c) => c.expect(true, ''));`,
		'mine/precious.txt': 'x',
	});
	t.regex(await refusalOf(t, folder, ['run', 'a.ts', '--out', 'mine']), /--out: .*mine, which holds other files/);
	t.regex(await refusalOf(t, folder, ['run', 'a.ts', '--out', 'a.ts']), /--out: /);

	t.is((await startBlackstart(folder, ['run', 'a.ts', '--out', 'deep/run'])).exitCode, 0);
	writeFileSync(join(folder, 'deep/run/notes.txt'), 'kept');
	t.is((await startBlackstart(folder, ['run', 'a.ts', '--out', 'deep/run'])).exitCode, 0);
	t.is(readEvents(join(folder, 'deep/run')).filter(({ kind }) => kind === 'run-started').length, 1);
	t.true(existsSync(join(folder, 'deep/run/notes.txt')));
});
