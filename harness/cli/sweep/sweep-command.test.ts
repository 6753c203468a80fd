import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parseRigFile } from '../../../rigs/rig-file/index.js';
import { encodeSweepCase } from '../../sweep/index.js';
import { makeFolder, readEvents, startBlackstart } from '../blackstart.test.support.js';

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
		const { exitCode, stderr } = await startBlackstart(folder, values);
		t.is(exitCode, 2, `${values.join(' ')}: ${stderr}`);
		t.regex(stderr, says);
	}
});
