import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { execaNode } from 'execa';
import { parseRigFile } from '../../../rigs/rig-file/index.js';
import { encodeSweepCase, parseSweepState } from '../../sweep/index.js';
import { makeFolder, readEvents, refusalOf, startBlackstart } from '../blackstart.test.support.js';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));

const rigOf = (build: string): string => `schema: rig/v1
rig: sweep-${build}
boards:
  b-1:
    type: virtual-avr
    backend: virtual
    virtual: { build: ${build} }
`;

interface Told {
	readonly verdict: string;
	readonly cuts: number;
	readonly broken: number;
	readonly rigHash: string;
	readonly findings: readonly { readonly case: string; readonly findings: readonly { readonly invariant: string; readonly message: string }[] }[];
	readonly rigFaults: readonly string[];
}

/** One cut in the middle of an installation, on a board with that bootloader. */
const cutOnce = async (folder: string, build: string, offsetMs: number) => {
	const digest = parseRigFile(readFileSync(join(folder, `${build}.yaml`), 'utf8'), { path: join(folder, `${build}.yaml`) }).sha256;
	const text = encodeSweepCase({ board: 'b-1', rig: { path: `${build}.yaml`, digest }, path: 'serial', place: { phase: 'install', offsetMs }, seed: '7' });
	const { exitCode, stdout, stderr } = await startBlackstart(folder, ['replay', text, '--json', '--out', build]);
	if (stderr.includes('ended by itself')) throw new Error(stderr);
	return { exitCode, text, told: JSON.parse(stdout || `{"verdict":${JSON.stringify(stderr)}}`) as Told };
};

for (const { build, why } of [
	{ build: 'boot', why: 'goes on with its installation' },
	{ build: 'boot-record-early', why: 'takes the image for installed before it is' },
	{ build: 'boot-no-journal', why: 'knows not how far it came' },
]) {
	test(`a cut in the middle of an installation, of a bootloader that ${why} (${build})`, async (t) => {
		const folder = makeFolder(t, { [`${build}.yaml`]: rigOf(build) });
		const { exitCode, text, told } = await cutOnce(folder, build, 500);
		t.deepEqual(told.rigFaults, []);
		t.is(told.cuts, 1);
		const events = readEvents(join(folder, build));
		const made = events.find((event) => event.kind === 'sweep-cut');
		t.is(made?.commanded.phase, 'install');
		t.true(events.some((event) => event.kind === 'board-power' && event.power === 'unpowered' && event.observedAt !== undefined));
		const started = events.find((event) => event.kind === 'run-started');
		t.is(started?.options['rigHash'], told.rigHash);
		const xml = readFileSync(join(folder, build, 'junit.xml'), 'utf8');
		t.true(xml.includes(told.rigHash), 'the hash of the rig file stands in the report');
		if (build === 'boot') {
			t.is(exitCode, 0);
			t.deepEqual(told.findings, []);
			return;
		}
		t.is(exitCode, 1);
		t.is(told.verdict, 'failed');
		t.is(told.findings[0]?.case, text, 'the case that is printed is the one that was replayed');
		t.regex(xml, /<failure/);
	});
}

test('what cannot be swept is told before anything is started', async (t) => {
	const folder = makeFolder(t, {
		'plain.yaml': 'schema: rig/v1\nrig: plain\nboards:\n  b-1: { type: generic, serial: { console: { path: /dev/null } } }\n',
		'good.yaml': rigOf('boot'),
		'other/sweep.jsonl': '{"sweep":1,"cuts":3,"seed":"1","boards":["x"]}\n',
	});
	for (const [values, says] of [
		[['sweep'], /--rig: a rig file was expected/],
		[['sweep', '--rig', 'none.yaml'], /none\.yaml cannot be read: no such file/],
		[['sweep', '--rig', 'plain.yaml'], /b-1 lacks update, power, settings/],
		[['sweep', '--rig', 'good.yaml', '--board', 'b-2'], /--board: one of b-1 was expected/],
		[['sweep', '--rig', 'good.yaml', '--cuts', '0'], /--cuts: a whole number from 1/],
		[['sweep', '--rig', 'good.yaml', '--path', 'pigeon'], /--path: one of serial, mqtt, flasher/],
		[['sweep', '--rig', 'good.yaml', '--resume', 'nowhere'], /--resume: the folder of a sweep was expected, nowhere holds no sweep\.jsonl/],
		[['sweep', '--rig', 'good.yaml', '--resume', 'other', '--out', 'x'], /--resume: a sweep goes on in its own folder/],
		[['run', '--board', 'b-1'], /--board: it goes with --rig FILE/],
		[['run', '--rig', 'good.yaml', '--devices', '7'], /--devices: it is for simulated fleets/],
		[['replay', 'sweep/b-1:rig=good.yaml@000000000000:path=serial:phase=install:offset=1ms:seed=7'], /has changed since the case was written/],
	] as const) {
		t.regex(await refusalOf(t, folder, values), says);
	}
});

test('a sweep that is interrupted leaves its board safe and its reports whole, and goes on to tell of every cut', async (t) => {
	const folder = makeFolder(t, { 'good.yaml': rigOf('boot') });
	const running = execaNode(MAIN, ['sweep', '--rig', 'good.yaml', '--cuts', '2', '--seed', '3', '--out', 'out'], { cwd: folder, reject: false });
	const state = join(folder, 'out/sweep.jsonl');
	const linesOf = (): number => (existsSync(state) ? readFileSync(state, 'utf8').split('\n').length - 1 : 0);
	while (linesOf() < 2 && running.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 50));
	running.kill('SIGINT');
	const { exitCode, stdout } = await running;
	t.is(exitCode, 130, stdout);
	t.regex(stdout, /interrupted; go on with: blackstart sweep --rig good\.yaml --resume out$/m);
	const { start, records } = parseSweepState(readFileSync(state, 'utf8'));
	t.is(records.length, 1);
	t.is(start.cuts, 2);
	const guarded = readFileSync(join(folder, 'out/guardian.log'), 'utf8').trim().split('\n');
	t.regex(guarded.findLast((entry) => entry.includes('"what":"off"')) ?? '', /"commanded":"unpowered"/);
	t.regex(guarded.at(-1) ?? '', /"kind":"ended"/);
	t.regex(readFileSync(join(folder, 'out/junit.xml'), 'utf8'), /<testcase[^>]*power cut 1[\s\S]*<\/testsuites>/);
	const resumed = await startBlackstart(folder, ['sweep', '--rig', 'good.yaml', '--resume', 'out', '--json']);
	t.is(resumed.exitCode, 0, resumed.stderr);
	t.regex(resumed.stderr, /^1 of 2 cuts were made before; 1 are left$/m);
	t.like(JSON.parse(resumed.stdout), { verdict: 'passed', cuts: 2, broken: 0 });
	const xml = readFileSync(join(folder, 'out/junit.xml'), 'utf8');
	for (const cut of [1, 2]) t.regex(xml, new RegExp(`<testcase[^>]*power cut ${cut}:`));
});
