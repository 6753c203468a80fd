import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { execa } from 'execa';
import { parseStrictXml } from './junit/index.js';

const findModules = (): string => {
	let folder = dirname(fileURLToPath(import.meta.url));
	while (!existsSync(join(folder, 'node_modules'))) folder = dirname(folder);
	return join(folder, 'node_modules');
};

/** Runs the guard as a program in a project of its own with one test file, and gives what it left. */
const guard = async (source: string) => {
	const project = mkdtempSync(join(tmpdir(), 'blackstart-guard-'));
	try {
		symlinkSync(findModules(), join(project, 'node_modules'));
		writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module', ava: { files: ['*.js'], workerThreads: false } }));
		writeFileSync(join(project, 'some.js'), `import test from 'ava';\n${source}`);
		const stale = join(project, 'reports', 'runs', 'npm-test');
		mkdirSync(stale, { recursive: true });
		writeFileSync(join(stale, 'junit.xml'), '<stale/>');
		const program = fileURLToPath(new URL('./tap-guard.js', import.meta.url));
		const { stdout, exitCode } = await execa(process.execPath, [program], { cwd: project, reject: false });
		const path = join(stale, 'junit.xml');
		return { lines: stdout.split('\n'), exitCode, junit: existsSync(path) ? parseStrictXml(readFileSync(path, 'utf8').trim()) : undefined };
	} finally {
		rmSync(project, { recursive: true, force: true });
	}
};

test('tests that pass are 0, with their JUnit file and counts', async (t) => {
	const { lines, exitCode, junit } = await guard(
		`test('a # \\u001b[31m\\u0000', (t) => { t.log('ok 5 - fake\\n1..9'); t.pass(); });\ntest.skip('b', (t) => t.pass());\ntest.todo('c');`,
	);
	t.is(exitCode, 0);
	t.is(lines.at(-1), '1 passed, 0 failed, 2 skipped');
	t.deepEqual({ ...junit?.attributes }, { tests: '3', name: 'blackstart', failures: '0' });
});

test('a test that throws is 1, and its reason stands on the screen and in the JUnit file', async (t) => {
	const { lines, exitCode, junit } = await guard(`test('a', (t) => t.pass());\ntest('b', async () => { throw new Error('bad CRC in chunk 17'); });`);
	t.is(exitCode, 1);
	t.is(lines.at(-1), '1 passed, 1 failed');
	t.true(lines.includes('failed: b'));
	t.true(lines.some((line) => line.includes('bad CRC in chunk 17')));
	t.regex(junit!.children[0]!.children.find(({ attributes }) => attributes.name === 'b')!.children[0]!.attributes.message ?? '', /bad CRC in chunk 17/);
});

test('a test that ends the process, which breaks the TAP of AVA, is red on the screen and in the JUnit file', async (t) => {
	const { lines, exitCode, junit } = await guard(
		`test('a', (t) => t.pass());\ntest('b', async () => { await new Promise((wake) => setTimeout(wake, 50)); process.exit(0); });`,
	);
	t.is(exitCode, 1);
	t.true(lines.some((line) => line.startsWith('test guard: the TAP ended without its plan')));
	t.regex(lines.at(-1)!, /^1 passed, [1-9]\d* failed$/);
	t.not(junit!.attributes.failures, '0');
});

test('a file without tests is red', async (t) => {
	const { lines, exitCode } = await guard('void test;');
	t.is(exitCode, 1);
	t.regex(lines.at(-1)!, /^0 passed, [1-9]\d* failed$/);
});
