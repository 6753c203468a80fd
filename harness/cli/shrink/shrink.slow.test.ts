import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { validateJenkinsRules } from '../../../reports/index.js';
import type { BlackstartEvent } from '../../events/index.js';
import { RealClock } from '../../time/index.js';
import { makeFolder, readEvents, startBlackstart, TINY_HEAD } from '../blackstart.test.support.js';
import { shrinkFailure } from './shrink-failure.js';

/** Power is cut on one device of eight among links that are reset on the others, and a release goes out in waves. */
const REBOOTS = `import { scenario } from 'blackstart';
scenario('no device boots twice', { needs: ['fleet', 'power'] }, async ({ openFleet, expect }) => {
	const fleet = await openFleet();
	await fleet.ready({ withinMs: 3_600_000 });
	for (const device of fleet.devices) {
		if (device.id === 'device-00005') fleet.arm(device, { kind: 'power-cut', moment: { at: 'time', afterMs: 100 }, offMs: 500 });
		else fleet.arm(device, { kind: 'link-reset', after: { messages: 1 } });
	}
	await fleet.sleep(30_000);
	await fleet.rollout(fleet.releases.candidate(), { pilot: 1, waves: [2], maxFailureRatio: 0.5, waveTimeoutMs: 3_600_000 });
	const again = fleet.devices.filter(({ boots }) => boots > 2);
	expect(again.length === 0, again.length + ' of ' + fleet.devices.length + ' devices booted twice: ' + again.map(({ id }) => id).join(', '));
});
`;

const shrunkOf = (folder: string): readonly Extract<BlackstartEvent, { kind: 'run-shrunk' }>[] =>
	readEvents(folder).flatMap((event) => (event.kind === 'run-shrunk' ? [event] : []));

test.serial('a failing case is shrunk to one device, one fault and one wave; the smaller case is in every report and fails again', async (t) => {
	const folder = makeFolder(t, { 'reboots.ts': REBOOTS });
	const out = join(folder, 'out');
	const values = ['run', 'reboots.ts', '--devices', '8', '--seed', '7', '--out', 'out', '--shrink-seconds', '100', '--json'];
	const { exitCode, stdout, stderr } = await startBlackstart(folder, values);
	t.is(exitCode, 1, stderr);
	const smaller = 'reboots.ts/no-device-boots-twice:seed=7:devices=8:keep-devices=5';
	const expected = {
		scenario: 'reboots',
		title: 'no device boots twice',
		case: smaller,
		reason: '1 of 1 devices booted twice: device-00005',
		from: { devices: 8, faults: 8, waves: 3 },
		to: { devices: 1, faults: 1, waves: 1 },
		end: 'minimal',
	} as const;
	const [shrunk, ...others] = shrunkOf(out);
	t.like(shrunk, expected);
	t.deepEqual(others, []);
	t.like(JSON.parse(stdout), { verdict: 'failed', failed: 1, shrunk: [expected] });
	t.is(readEvents(out).at(-1)?.kind, 'run-ended');
	t.true(stderr.includes(`smaller: blackstart replay '${smaller}'`));
	t.regex(stderr, /1 of 8 devices, 1 of 8 faults, 1 of 3 waves, and it still fails: 1 of 1 devices booted twice: device-00005/);
	const junit = readFileSync(join(out, 'junit.xml'), 'utf8');
	t.deepEqual(validateJenkinsRules(junit), []);
	t.regex(junit, new RegExp(`<failure[^>]*>[^<]*smaller: blackstart replay &apos;${smaller}|<failure[^>]*>[^<]*smaller: blackstart replay '${smaller}`));
	t.regex(junit, new RegExp(`<property name="shrunk.no device boots twice" value="${smaller}"`));
	t.is(readFileSync(join(out, 'cases', 'reboots.no-device-boots-twice.shrunk.txt'), 'utf8'), `${smaller}\n`);
	t.is(readFileSync(join(out, 'cases', 'reboots.no-device-boots-twice.txt'), 'utf8'), 'reboots.ts/no-device-boots-twice:seed=7:devices=8\n');

	const again = await startBlackstart(folder, ['replay', smaller, '--out', 'again']);
	t.is(again.exitCode, 1, again.stderr);
	const events = readEvents(join(folder, 'again'));
	t.like(
		events.find(({ kind }) => kind === 'scenario-ended'),
		{ verdict: 'failed', reason: expected.reason, faults: [{ fault: 'power-cut', armed: 1, fired: 1 }] },
	);
	t.like(
		events.find(({ kind }) => kind === 'run-case'),
		{ case: smaller },
	);
	t.deepEqual(shrunkOf(join(folder, 'again')), [], 'a replay shrinks nothing unless it is asked to');
});

/** Fails where device-2 is there; the candidate's own process is known by the plan it lacks. */
const tiny = (body: string): string => `import { writeFileSync } from 'node:fs';
${TINY_HEAD}scenario('breaks', { needs: ['fleet'] }, async (context) => {
	const fleet = await context.openFleet();
	const isCandidate = process.env.BLACKSTART_PLAN === undefined;
	await fleet.sleep(1000);
	${body}
});\n`;

const shrinkTiny = (t: ExecutionContext, body: string, { reason = 'as it did', budgetMs = 100_000 } = {}) => {
	const directory = makeFolder(t, { 'tiny.ts': tiny(body) });
	const url = pathToFileURL(join(directory, 'tiny.ts')).href;
	const task = { plan: { seed: '7', devices: 5, keys: [] }, scenario: 'tiny', url, title: 'breaks', reduction: {} };
	return shrinkFailure({ task, reason, directory, jobs: 1, budgetMs, signal: new AbortController().signal, onProgress: () => {} });
};

for (const [body, reason] of [
	[`context.expect(true, '');`, 'it passed'],
	[`context.fail('otherwise');`, 'it came to this: otherwise'],
	['process.exit(0);', 'its process was lost'],
	['await new Promise(() => {});', /^it came to this: VirtualTimeError: deadlock/],
] as const) {
	test.serial(`a case that does not fail again in the same words is not shrunk, and it is said what it did: ${body}`, async (t) => {
		const shrunk = await shrinkTiny(t, body);
		t.like(shrunk, { end: 'not-repeated', runs: 1 });
		t.is(shrunk.reduction, undefined);
		if (typeof reason === 'string') t.is(shrunk.reason, reason);
		else t.regex(shrunk.reason ?? '', reason);
	});
}

test.serial('what depends on the runs before it in one process is not taken for a smaller case', async (t) => {
	const body = `globalThis.runs = (globalThis.runs ?? 0) + 1; context.expect(fleet.devices.length < 5 && globalThis.runs === 1, 'as it did');`;
	const shrunk = await shrinkTiny(t, body);
	t.like(shrunk, { end: 'not-repeated', reason: 'it passed' });
	t.is(shrunk.reduction, undefined);
	t.true(shrunk.runs > 2);
});

test.serial('a candidate that hangs is cut off and is none, and time that is up ends the search', async (t) => {
	t.like(await shrinkTiny(t, `if (fleet.devices.length === 2) for (;;); context.fail('as it did');`), { end: 'minimal', to: { devices: 1 } });
	const hanging = await shrinkTiny(t, 'for (;;);', { budgetMs: 500 });
	t.deepEqual([hanging.end, hanging.reduction], ['out-of-time', undefined]);
});

test.serial('with --no-shrink nothing is looked for', async (t) => {
	const folder = makeFolder(t, { 'tiny.ts': tiny(`context.fail('as it did');`) });
	const { exitCode, stdout } = await startBlackstart(folder, ['run', 'tiny.ts', '--devices', '5', '--no-shrink', '--json', '--out', 'out']);
	t.is(exitCode, 1);
	t.deepEqual([shrunkOf(join(folder, 'out')), JSON.parse(stdout).shrunk], [[], []]);
});

test.serial('of failures in the same words one is shrunk', async (t) => {
	const failing = (title: string, message: string): string =>
		`scenario('${title}', { needs: ['fleet'] }, async (c) => { const f = await c.openFleet(); await f.sleep(1); c.fail('${message}'); });\n`;
	const folder = makeFolder(t, { 'many.ts': TINY_HEAD + failing('one', '3 are lost') + failing('two', '4 are lost') + failing('three', '4 are late') });
	await startBlackstart(folder, ['run', 'many.ts', '--devices', '3', '--seed', '7', '--out', 'out', '--shrink-seconds', '100']);
	t.deepEqual(
		shrunkOf(join(folder, 'out')).map(({ title, to }) => [title, to.devices]),
		[
			['one', 1],
			['three', 1],
		],
	);
});

test.serial(
	'an interrupt while a smaller case is looked for ends the search alone: the reports are whole and the exit code is that of the failure',
	async (t) => {
		const marker = 'searching';
		const body = `if (isCandidate) { writeFileSync('${marker}', String(process.pid)); for (;;); } context.fail('slow');`;
		const folder = makeFolder(t, { 'tiny.ts': tiny(body) });
		const child = startBlackstart(folder, ['run', 'tiny.ts', '--devices', '5', '--seed', '7', '--out', 'out', '--shrink-seconds', '600']);
		const clock = new RealClock();
		await clock.until(() => existsSync(join(folder, marker)), { withinMs: 100_000, label: 'the search to begin' });
		child.kill('SIGINT');
		const { exitCode, stdout } = await child;
		t.is(exitCode, 1);
		t.regex(stdout, /it was interrupted/);
		const events = readEvents(join(folder, 'out'));
		t.like(events.at(-1), { kind: 'run-ended', verdict: 'failed', exitCode: 1 });
		t.deepEqual(validateJenkinsRules(readFileSync(join(folder, 'out/junit.xml'), 'utf8')), []);
		t.false(existsSync(join(folder, 'out/partial')));
		t.throws(() => process.kill(Number(readFileSync(join(folder, marker), 'utf8')), 0), { code: 'ESRCH' });
	},
);

test.serial('replay --shrink makes an old case smaller, from where it stands', async (t) => {
	const folder = makeFolder(t, { 'tiny.ts': tiny(`context.expect(!fleet.devices.some(({ id }) => id === 'device-3'), 'one too many');`) });
	const { exitCode, stderr } = await startBlackstart(folder, [
		'replay',
		'tiny.ts/breaks:seed=7:devices=9:keep-devices=2-7',
		'--shrink',
		'--shrink-seconds',
		'100',
		'--out',
		'out',
	]);
	t.is(exitCode, 1, stderr);
	t.like(shrunkOf(join(folder, 'out'))[0], { case: 'tiny.ts/breaks:seed=7:devices=9:keep-devices=4', from: { devices: 6 }, to: { devices: 1 } });
});
