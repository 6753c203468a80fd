import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { makeFolder, readVerdicts } from './blackstart.test.support.js';
import { findPackageRoot } from './package-root.js';

const MINE = `import { scenario } from 'blackstart';
scenario('holds', { needs: [] }, async (c) => c.expect(true, ''));
`;

test('the packed package runs a scenario file from the folder it is installed in', async (t) => {
	const folder = makeFolder(t, { 'package.json': '{ "name": "elsewhere", "private": true }', 'mine.ts': MINE });
	const root = findPackageRoot();
	const installed = join(folder, 'node_modules/blackstart');
	mkdirSync(installed, { recursive: true });
	const [packed] = JSON.parse(
		execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
			cwd: root,
			encoding: 'utf8',
			stdio: ['ignore', 'pipe', 'ignore'],
		}),
	) as [{ filename: string }];
	execFileSync('tar', ['-xzf', join(folder, packed.filename), '--strip-components=1', '-C', installed]);
	// The dependencies as npm would have put them beside the package, without the network.
	const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
	for (const name of Object.keys(dependencies)) {
		mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true });
		symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
	}
	mkdirSync(join(folder, 'node_modules/.bin'));
	symlinkSync('../blackstart/build/harness/cli/main.js', join(folder, 'node_modules/.bin/blackstart'));
	const npx = (...values: string[]) => execa('npx', ['--no-install', 'blackstart', ...values], { cwd: folder, reject: false, stdin: 'ignore' });

	const listed = await npx('list', '--json');
	t.is(listed.exitCode, 0, listed.stderr);
	const names = (JSON.parse(listed.stdout) as { scenario: string }[]).map(({ scenario }) => scenario);
	t.deepEqual(
		names,
		readdirSync(join(root, 'build/scenarios'))
			.flatMap((name) => (/^[a-z-]+\.js$/.test(name) && name !== 'index.js' ? [name.slice(0, -3)] : []))
			.sort(),
	);
	const ran = await npx('run', 'mine.ts');
	t.is(ran.exitCode, 0, ran.stderr);
	t.deepEqual(readVerdicts(join(folder, 'reports/runs/latest')), { 'mine: holds': 'passed' });
});
