import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { createSingleRecordBootloader } from '../../../../simulators/museum/parts/bootloaders.js';
import { createAmbitiousReport } from '../../../../simulators/museum/parts/reports.js';
import { askBlackstart, makeFolder, readEvents, readVerdicts, refusalOf } from '../../blackstart.test.support.js';
import { UsageError } from '../../usage-error.js';
import { planClean, planSecond, planTorn } from './plan-cuts.js';
import { type RunSessionOptions, runSession } from './run-session.js';
import { encodeSessionCase, parseSessionCase, type SessionTarget } from './session-case.js';
import { findInSessions } from './session-findings.js';

const SENSOR: SessionTarget = { profile: 'sensor', bootloader: null, seed: '1' };
const ON = { target: SENSOR, bootloader: 'ab' } as const;

/** What a command told, without how long it took. */
const tellWithoutTime = (stdout: string): unknown => ({ ...(JSON.parse(stdout) as object), seconds: 0 });

test.serial('a session cut everywhere is exit code 0, never called closed, and the same however many processes cut it', async (t) => {
	const folder = makeFolder(t, {});
	const explore = (jobs: string) => askBlackstart(folder, ['explore', '--session', '--jobs', jobs, '--json', '--out', `run-${jobs}`]);
	const one = await explore('1');
	t.is(one.exitCode, 0, one.stderr);
	t.deepEqual(tellWithoutTime((await explore('2')).stdout), tellWithoutTime(one.stdout));
	const told = JSON.parse(one.stdout) as {
		readonly operations: number;
		readonly messages: number;
		readonly cuts: number;
		readonly phases: readonly { readonly state: string }[];
	};
	t.like(told, { session: true, closed: false, end: 'every-cut', bootloader: 'ab', tears: 'L0', findings: [], knownLimits: [] });
	t.is(told.cuts, told.operations + told.messages);
	t.true(told.operations >= 50 && told.messages >= 30);
	for (const state of ['downloading', 'installing', 'booting', 'testing'])
		t.true(
			told.phases.some((phase) => phase.state === state),
			state,
		);
	const [map] = readEvents(join(folder, 'run-1')).flatMap((event) => (event.kind === 'explorer-session-map' ? [event] : []));
	t.is(map?.rows.length, told.cuts);
	t.deepEqual([...new Set(map?.rows.map(({ at }) => at))], ['operation', 'message']);
	t.regex(one.stderr, /every cut tried: \d+ sessions, nothing found; .*: no closure/);
	t.notRegex(one.stderr, /^closed/m);
	t.deepEqual(readVerdicts(join(folder, 'run-1')), { 'explore: session of sensor (ab), tears L0': 'passed' });
	t.regex(readFileSync(join(folder, 'run-1', 'junit.xml'), 'utf8'), /tests="1" failures="0"/);
});

test.serial('a session that --max-time ended is exit code 4, and no proof', async (t) => {
	const folder = makeFolder(t, {});
	const { exitCode, stdout } = await askBlackstart(folder, ['explore', '--session', '--max-time', '1ms', '--out', 'run']);
	t.is(exitCode, 4);
	t.regex(stdout, /NOT every cut tried, no proof: --max-time was reached/);
	t.regex(Object.values(readVerdicts(join(folder, 'run')))[0] ?? '', /^inconclusive: NOT every cut tried/);
});

const WRONG: readonly { readonly what: string; readonly parts: RunSessionOptions['parts']; readonly at: 'operation' | 'message'; readonly class: string }[] = [
	{ what: 'a bootloader with one record', parts: { device: { createBootloader: createSingleRecordBootloader } }, at: 'operation', class: 'never-boots' },
	{ what: 'it claims the version that it was sent', parts: { device: createAmbitiousReport() }, at: 'message', class: 'service-misled' },
];

for (const { what, parts, at, class: wanted } of WRONG) {
	test.serial(`a wrong device is found out where power goes at some ${at}, and not without: ${what}`, async (t) => {
		const options: RunSessionOptions = parts === undefined ? {} : { parts };
		const undisturbed = await runSession({ ...SENSOR, cuts: [] }, options);
		t.deepEqual([undisturbed.outcome, undisturbed.violations], ['updated', []]);
		let finding: ReturnType<typeof findInSessions>[number] | undefined;
		for (const cut of planClean(undisturbed).filter((each) => each.at === at)) {
			finding = findInSessions([await runSession({ ...SENSOR, cuts: [cut] }, options)], ON).find((one) => one.class === wanted);
			if (finding !== undefined) break;
		}
		if (finding === undefined) return t.fail(`no finding of class ${wanted}`);
		const again = parseSessionCase(finding.case);
		t.deepEqual((await runSession(again, options)).violations, finding.run.violations);
		t.deepEqual((await runSession(again)).violations, []);
	});
}

test.serial('torn and second cuts are planned from what the clean ones hit, and take effect', async (t) => {
	const undisturbed = await runSession({ ...SENSOR, cuts: [] });
	const cuts = planClean(undisturbed);
	t.is(cuts.length, undisturbed.operations + undisturbed.messages);
	const run = (index: number) => runSession({ ...SENSOR, cuts: [cuts[index] as (typeof cuts)[number]] });
	const [first, late] = [await run(0), await run(undisturbed.operations - 2)];
	t.regex(first?.hits[0]?.form ?? '', /^erase after |^program after /);
	t.deepEqual(planTorn([first, late], 'L0'), []);
	const torn = planTorn([first, late], 'L3');
	t.true(torn.some((cut) => cut.at === 'operation' && cut.tear === 'unreadable'));
	const seconds = planSecond([late]);
	t.is(seconds.length, late.operations + late.messages);
	for (const index of [0, late.operations - 1, late.operations, seconds.length - 1]) {
		const { hits } = await runSession({ ...SENSOR, cuts: seconds[index] ?? [] });
		t.is(hits.length, 2, JSON.stringify(seconds[index]));
	}
});

const LIMITS = [
	{ line: 'explore/session:profile=sensor:bootloader=mcuboot-swap-scratch:seed=1:cuts=operation.75.half.0', limit: 'half-erased-scratch' },
	{ line: 'explore/session:profile=sensor:bootloader=esp-otadata:seed=1:cuts=operation.54.unreadable.0', limit: 'unreadable-entry' },
] as const;

for (const { line, limit } of LIMITS) {
	test.serial(`what the real bootloader does not bear is a known limit of a session too: ${limit}`, async (t) => {
		const one = parseSessionCase(line);
		t.is(encodeSessionCase(one), line);
		const run = await runSession(one);
		const bootloader = one.bootloader ?? 'ab';
		const [finding, ...others] = findInSessions([run], { target: one, bootloader });
		t.deepEqual([finding?.limit?.name, finding?.class, others], [limit, 'never-boots', []]);
		const [strange] = findInSessions([run], { target: one, bootloader: 'ab' });
		t.is(strange?.limit, undefined);
	});
}

test.serial('a case of a session replays what device and service told, and says where it was cut', async (t) => {
	const folder = makeFolder(t, {});
	const failed = await askBlackstart(folder, ['replay', LIMITS[0].line]);
	t.is(failed.exitCode, 1, failed.stderr);
	t.regex(failed.stdout, /fault-fired .*form=erase half scratch/);
	t.regex(failed.stdout, /power went at flash operation 75, half: erase half scratch, the device was booting/);
	t.regex(failed.stdout, /^the failure came back: bootable$/m);
	const late = await askBlackstart(folder, ['replay', 'explore/session:profile=sensor:seed=1:cuts=operation.9999.after.0', '--json']);
	t.is(late.exitCode, 0, late.stderr);
	t.like(JSON.parse(late.stdout), { failed: false, outcome: 'updated', hits: [] });
	t.regex(late.stderr, /power was to go .*: the session was over before/);
});

test.serial('a failing case of a session is made smaller: fewer power losses, milder tears, the same limit', async (t) => {
	const folder = makeFolder(t, {});
	const shrink = async (cuts: string) => {
		const { exitCode, stdout, stderr } = await askBlackstart(folder, [
			'replay',
			`explore/session:profile=sensor:bootloader=esp-otadata:seed=1:cuts=${cuts}`,
			'--shrink',
			'--json',
		]);
		t.is(exitCode, 1, stderr);
		return { ...(JSON.parse(stdout) as { readonly shrunk: { readonly case: string; readonly cuts: number; readonly minimal: boolean } }), stderr };
	};
	const { shrunk, stderr } = await shrink('message.3,operation.54.unreadable.7');
	t.like(shrunk, { cuts: 1, minimal: true });
	t.regex(stderr, /shrunk from 2 power losses to 1 power loss \(\d+ tried\)/);
	t.regex(shrunk.case, /cuts=operation\.\d+\.unreadable\.0$/);
	const again = await shrink(shrunk.case.split('cuts=')[1] as string);
	t.is(again.shrunk.case, shrunk.case);
	t.regex(again.stderr, /no smaller case fails so/);
	const none = await askBlackstart(folder, ['replay', 'explore/session:profile=sensor:seed=1:cuts=message.3', '--shrink', '--json']);
	t.is(none.exitCode, 0);
	t.false('shrunk' in JSON.parse(none.stdout));
});

test.serial('wrong use of a session is exit code 2 and names the flag', async (t) => {
	const folder = makeFolder(t, {});
	const rows: readonly (readonly [readonly string[], RegExp])[] = [
		[['explore', '--session', '--profile', 'senser'], /--profile: .*did you mean sensor/],
		[['explore', '--session', '--bootloader', 'mcuboot'], /--bootloader: one of /],
		[['explore', '--session', '--tears', 'L4'], /--tears: one of L0, L1, L2, L3 was expected with --session/],
		[['explore', '--session', '--sectors', '8'], /--sectors: it does not go with --session/],
		[['explore', '--session', '--depth', '3'], /--depth: a whole number from 1 to 2/],
		[['explore', '--bootloader', 'ab', '--profile', 'sensor'], /--profile: it goes with --session/],
	];
	for (const [values, message] of rows) {
		t.regex(await refusalOf(t, folder, values), message);
	}
	for (const text of [
		'explore/session:profile=sensor:seed=1',
		'explore/session:seed=x:profile=a:cuts=message.1',
		'explore/session:profile=sensor:seed=1:cuts=boot.1',
	]) {
		t.throws(() => parseSessionCase(text), { instanceOf: UsageError }, text);
	}
});
