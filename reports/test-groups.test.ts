import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { groupTests, listSlowTests, removeTestGroups } from './test-groups.js';

test('test files of one room share a file, those that start processes stay alone, slow ones are left out, and nothing is listed twice', (t) => {
	const build = mkdtempSync(join(tmpdir(), 'blackstart-test-'));
	t.teardown(() => rmSync(build, { recursive: true }));
	const files = [
		'harness/flash/a.test.js',
		'harness/flash/deep/b.test.js',
		'harness/flash/code.js',
		'harness/cli/c.test.js',
		'harness/cli/run/d.test.js',
		'harness/cli/run/live/e.test.js',
		'rigs/drivers/e.test.js',
		'simulators/fleet/f.test.js',
		'simulators/fleet/f.test.child.js',
		'simulators/fleet/g.test.js',
		'reports/h.test.js',
		'reports/i.slow.test.js',
	];
	for (const file of files) {
		mkdirSync(join(build, dirname(file)), { recursive: true });
		writeFileSync(join(build, file), file === 'harness/cli/run/d.test.js' ? 'await startBlackstart(folder, []);\n' : '');
	}
	const expected = [
		'tests/harness-flash.test.js',
		'tests/harness-cli.test.js',
		'tests/harness-cli-run.test.js',
		'tests/reports.test.js',
		'tests/simulators-fleet.test.js',
		'harness/cli/run/d.test.js',
		'rigs/drivers/e.test.js',
		'simulators/fleet/f.test.js',
	].map((path) => join(build, path));
	t.deepEqual(groupTests(build), expected);
	t.deepEqual(groupTests(build), expected);
	t.deepEqual(listSlowTests(build), [join(build, 'reports/i.slow.test.js')]);
	t.is(readFileSync(join(build, 'tests/harness-flash.test.js'), 'utf8'), 'import "../harness/flash/a.test.js";\nimport "../harness/flash/deep/b.test.js";\n');
	removeTestGroups(build);
	t.throws(() => readFileSync(join(build, 'tests/harness-flash.test.js')), { code: 'ENOENT' });
});
