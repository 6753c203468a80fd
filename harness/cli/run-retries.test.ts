import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { validateJenkinsRules } from '../../reports/index.js';
import { makeFolder, refusalOf, startBlackstart, TINY_HEAD } from './blackstart.test.support.js';

/** What a case comes to is counted in a file of its own: virtual time alone would make every run alike. */
const RIG = `${TINY_HEAD}
import { appendFileSync, readFileSync } from 'node:fs';
const nth = (name) => { appendFileSync(name, '.'); return readFileSync(name, 'utf8').length; };
const body = (c, name, run) => c.openFleet().then(() => run(nth(name)));
scenario('is flaky', { needs: ['fleet'] }, (c) => body(c, 'flaky', (n) => c.expect(n === 2, \`wanted a second run, got run \${n}\`)));
scenario('always fails', { needs: ['fleet'] }, (c) => body(c, 'failing', (n) => c.fail(\`run \${n} failed\`)));
scenario('is killed once', { needs: ['fleet'] }, (c) => body(c, 'killed', (n) => { if (n === 1) process.kill(process.pid, 'SIGKILL'); c.expect(true, ''); }));
scenario('is fine', { needs: ['fleet'] }, (c) => body(c, 'fine', (n) => c.expect(n === 1, 'wanted one run')));
`;

test('a case that does not end well is run again, and is no bare pass when it passes then', async (t) => {
	const folder = makeFolder(t, { 'rig.mjs': RIG });
	const { exitCode, stdout, stderr } = await startBlackstart(folder, [
		'run',
		'rig.mjs',
		'--seed',
		'1',
		'--devices',
		'2',
		'--retries',
		'2',
		'--no-shrink',
		'--json',
		'--out',
		'out',
	]);
	t.is(exitCode, 1);
	t.like(JSON.parse(stdout), { verdict: 'failed', scenarios: 4, passed: 3, failed: 1, errored: 0, flaky: 2 });
	t.deepEqual(
		['flaky', 'failing', 'killed', 'fine'].map((name) => readFileSync(join(folder, name), 'utf8').length),
		[2, 3, 2, 1],
	);
	t.regex(stderr, /FLAKY 1: passed when it was run again; before: failed, wanted a second run, got run 1/);
	const junit = readFileSync(join(folder, 'out', 'junit.xml'), 'utf8');
	t.deepEqual(validateJenkinsRules(junit), []);
	t.is(junit.match(/<testcase /g)?.length, 4);
	t.regex(junit, /<flakyFailure message="wanted a second run, got run 1" type="ProductFailure">/);
	t.regex(junit, /<flakyError message="[^"]*SIGKILL[^"]*" type="HarnessFault">/);
	t.regex(junit, /<failure message="product failure: run 3 failed"[\s\S]*?<rerunFailure message="run 1 failed"[\s\S]*?<rerunFailure message="run 2 failed"/);
	t.is(junit.match(/<failure /g)?.length, 1);
});

test('an unreadable number of retries is wrong use', async (t) => {
	const stderr = await refusalOf(t, makeFolder(t, {}), ['run', '--retries', 'often']);
	t.regex(stderr, /--retries: a whole number from 0 to 10 was expected, got 'often'/);
});
