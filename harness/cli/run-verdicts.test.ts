import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { validateJenkinsRules } from '../../reports/index.js';
import { makeFolder, readEvents, readVerdicts, startBlackstart, TINY_HEAD } from './blackstart.test.support.js';

const AFTER = `scenario('after it', { needs: ['fleet'] }, async (c) => { const f = await c.openFleet(); await f.sleep(2000); c.expect(true, ''); });`;
const file = (cases: string): string => `${TINY_HEAD}${cases}\n`;

/** What each file declares, and what each of its cases must come to. */
const FILES: Readonly<Record<string, { readonly text: string; readonly expected: Readonly<Record<string, RegExp>> }>> = {
	crashing: {
		text: file(`scenario('is killed', { needs: ['fleet'] }, async (c) => { await c.openFleet(); process.kill(process.pid, 'SIGKILL'); for (;;); });\n${AFTER}`),
		expected: { 'is killed': /^errored: .*SIGKILL/, 'after it': /^passed$/ },
	},
	deadlocked: {
		text: file(`scenario('waits for nothing', { needs: ['fleet'] }, async (c) => { await c.openFleet(); await new Promise(() => {}); });\n${AFTER}`),
		expected: { 'waits for nothing': /^errored: VirtualTimeError: deadlock/, 'after it': /^passed$/ },
	},
	exiting: {
		text: file(`scenario('exits', { needs: ['fleet'] }, async () => process.exit(0));\n${AFTER}`),
		expected: { exits: /^errored: .*process\.exit\(\) was called/, 'after it': /^passed$/ },
	},
	failing: {
		text: file(`scenario('expects more', { needs: ['fleet'] }, async (c) => { await c.openFleet(); c.expect(false, 'wanted 1, got 2'); });\n${AFTER}`),
		expected: { 'expects more': /^failed: wanted 1, got 2$/, 'after it': /^passed$/ },
	},
	hanging: {
		text: file(`scenario('spins', { needs: ['fleet'] }, async (c) => { await c.openFleet(); for (;;); });\n${AFTER}`),
		expected: { spins: /^errored: .*hung in 'spins': no event and no progress of time for 8 s/, 'after it': /^passed$/ },
	},
	idle: {
		text: file(`scenario('waits', { needs: [] }, async () => { await new Promise(() => {}); });\n${AFTER}`),
		expected: { waits: /^errored: .*waits for something that never comes/, 'after it': /^passed$/ },
	},
	'never-started': {
		text: file(`if (process.env.BLACKSTART_PLAN) throw new Error('not on this machine');\n${AFTER}`),
		expected: { 'after it': /^errored: the scenario never started: .*not on this machine/ },
	},
	passing: { text: file(AFTER), expected: { 'after it': /^passed$/ } },
	rejecting: {
		text: file(`scenario('leaves a rejection', { needs: [] }, async (c) => { c.expect(true, ''); void Promise.reject(new Error('left behind')); });`),
		expected: { 'leaves a rejection': /^passed$/, 'its process ends cleanly': /^errored: .*left behind/ },
	},
	skipping: {
		text: file(`scenario('needs a line', { needs: ['gpio', 'fleet'] }, async () => {});`),
		expected: { 'needs a line': /^skipped: needs gpio, fleet: tiny lacks gpio/ },
	},
	throwing: {
		text: file(`scenario('throws', { needs: ['fleet'] }, async (c) => { await c.openFleet(); (undefined as any).x; });\n${AFTER}`),
		expected: { throws: /^errored: TypeError: .*reading 'x'\) \(throwing\.ts:4\)$/, 'after it': /^passed$/ },
	},
	undecided: {
		text: file(`scenario('cannot tell', { needs: ['fleet'] }, async (c) => { await c.openFleet(); c.inconclusive('no evidence'); });
scenario('does nothing', { needs: [] }, async () => {});
scenario('arms in vain', { needs: [] }, async (c) => { c.expect(true, ''); });`),
		expected: { 'cannot tell': /^inconclusive: no evidence$/, 'does nothing': /^inconclusive: nothing was exercised/, 'arms in vain': /^passed$/ },
	},
};

test('whatever one scenario does to its process, it is named and red, and all others run', async (t) => {
	const folder = makeFolder(t, Object.fromEntries(Object.entries(FILES).map(([name, { text }]) => [`files/${name}.ts`, text])));
	const { exitCode, stdout, stderr } = await startBlackstart(folder, [
		'run',
		'files',
		'--seed',
		'7',
		'--devices',
		'5',
		'--timeout',
		'8s',
		'--json',
		'--out',
		'out',
	]);
	const out = join(folder, 'out');
	const verdicts = readVerdicts(out);
	const expected = Object.entries(FILES).flatMap(([name, { expected }]) =>
		Object.entries(expected).map(([title, pattern]) => ({ key: `${name}: ${title}`, pattern })),
	);
	for (const { key, pattern } of expected) t.regex(verdicts[key] ?? 'no verdict', pattern, `${key}\n${stderr}`);
	t.deepEqual(Object.keys(verdicts).sort(), expected.map(({ key }) => key).sort());

	t.is(exitCode, 1);
	const summary = JSON.parse(stdout) as Record<string, unknown>;
	t.like(summary, { seed: '7', verdict: 'failed', scenarios: expected.length, failed: 1, skipped: 1, inconclusive: 2, dir: out });
	t.notRegex(stderr, /AVA ended with/);

	const junit = readFileSync(join(out, 'junit.xml'), 'utf8');
	t.deepEqual(validateJenkinsRules(junit), []);
	t.is(junit.match(/<testcase /g)?.length, expected.length);
	const order = readEvents(out).flatMap((event) => (event.kind === 'scenario-registered' ? [event.scenario] : []));
	t.deepEqual(order, Object.keys(FILES).sort());
	t.is(readEvents(out).at(-1)?.kind, 'run-ended');
	t.is(readFileSync(join(out, 'cases', 'failing.expects-more.txt'), 'utf8'), 'files/failing.ts/expects-more:seed=7:devices=5\n');
	t.false(existsSync(join(out, 'partial')));
});

const EXITS = [
	{ files: ['passing', 'skipping'], exitCode: 0, verdict: 'passed' },
	{ files: ['skipping'], exitCode: 4, verdict: 'inconclusive' },
	{ files: ['undecided', 'passing'], exitCode: 4, verdict: 'inconclusive' },
	{ files: ['throwing', 'undecided'], exitCode: 3, verdict: 'errored' },
	{ files: ['rejecting'], exitCode: 3, verdict: 'errored' },
] as const;

for (const { files, exitCode, verdict } of EXITS) {
	test(`a run of ${files.join(' and ')} files ends with exit code ${exitCode}`, async (t) => {
		const folder = makeFolder(t, Object.fromEntries(files.map((name) => [`${name}.ts`, FILES[name]?.text ?? ''])));
		const ended = await startBlackstart(folder, ['run', ...files.map((name) => `${name}.ts`), '--devices', '5', '--json']);
		t.is(ended.exitCode, exitCode, ended.stderr);
		t.is((JSON.parse(ended.stdout) as { verdict: string }).verdict, verdict);
		t.is(readEvents(join(folder, 'reports/runs/latest')).at(-1)?.kind, 'run-ended');
	});
}
