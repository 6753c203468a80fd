import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as nodePty from '@lydell/node-pty';
import test, { type ExecutionContext } from 'ava';
import { execaNode } from 'execa';
import { makeMachine, plugIn } from '../../../rigs/host/fake-machine.test.support.js';
import { markBroken, readBroken } from '../../../rigs/leases/index.js';
import { parseRigFile } from '../../../rigs/rig-file/index.js';
import { makeFolder, startBlackstart } from '../blackstart.test.support.js';
import { runCommandLine } from '../command-line.js';
import { createRigCommand } from './index.js';
import yargs from 'yargs';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
const ONE = 'schema: rig/v1\nrig: one\nboards:\n  v: { type: virtual-avr, backend: virtual }\n';

/** A rig host of its own, so that what this machine's user has left is not seen. */
const inHost = (t: ExecutionContext, files: Readonly<Record<string, string>>) => {
	const folder = makeFolder(t, { ...files, 'state/.keep': '' });
	const env = { XDG_RUNTIME_DIR: join(folder, 'state'), XDG_STATE_HOME: join(folder, 'state') };
	return {
		folder,
		env,
		run: (values: readonly string[], input = '') => execaNode(MAIN, ['rig', ...values], { cwd: folder, env, reject: false, input, stripFinalNewline: false }),
	};
};

test('a virtual board is checked: opened, read, reset, cut, sensed, board by board and for machines', async (t) => {
	const { run } = inHost(t, { 'rigs/one.yaml': ONE });
	const { exitCode, stdout, stderr } = await run(['check', 'rigs/one.yaml', '--json']);
	t.is(exitCode, 0, stderr);
	const { boards, sha256 } = JSON.parse(stdout) as { sha256: string; boards: { board: string; isGood: boolean; steps: { step: string; state: string }[] }[] };
	t.regex(sha256, /^[0-9a-f]{64}$/);
	t.deepEqual(
		boards.map(({ board, isGood, steps }) => [board, isGood, steps.map(({ step, state }) => `${step} ${state}`).join()]),
		[['v', true, 'power good,boot good,reset good,power good,cut good,sense good,power good,cut good,flasher good']],
	);
	t.regex(stderr, /^ {2}good {6}boot {6}it boots: "boot: blackstart-avr/m);
	t.regex(stderr, /^1 of 1 boards are good$/m);
});

test('boards whose emulator is missing are skipped with the reason', async (t) => {
	const rig = 'schema: rig/v1\nrig: e\nboards:\n  u: { type: qemu-uboot, backend: qemu }\n';
	const folder = makeFolder(t, { 'rigs/e.yaml': rig, 'state/.keep': '' });
	const env = { XDG_RUNTIME_DIR: join(folder, 'state'), XDG_STATE_HOME: join(folder, 'state'), BLACKSTART_QEMU_AARCH64: 'no-such-qemu' };
	const run = (...values: readonly string[]) => execaNode(MAIN, values, { cwd: folder, env, reject: false });
	const [check, sweep] = await Promise.all([run('rig', 'check', 'rigs/e.yaml'), run('sweep', '--rig', 'rigs/e.yaml', '--out', 'out')]);
	t.is(check.exitCode, 0);
	t.regex(
		check.stdout,
		/^ {2}skipped {3}open {6}no-such-qemu is not here \(Debian: apt-get install qemu-system-arm\)\n0 of 1 boards are good, 1 cannot run here$/m,
	);
	t.is(sweep.exitCode, 4, 'nothing was shown');
	t.regex(sweep.stdout, /^SKIPPED: u: no-such-qemu is not here/m);
});

test('a board that is not there is a rig fault with its remedy, and a file alone is checked without it', async (t) => {
	const { run } = inHost(t, {
		'rigs/real.yaml': 'schema: rig/v1\nrig: real\nboards:\n  a: { type: generic, serial: { console: { match: { usbPath: 9-9 } } } }\n',
	});
	const { exitCode, stdout } = await run(['check', 'rigs/real.yaml']);
	t.is(exitCode, 3);
	t.regex(stdout, /^ {2}WRONG {5}open {6}.*serial port usbPath 9-9: nothing like it is plugged in/m);
	t.regex(stdout, /^ {22}remedy: `blackstart rig discover` shows what is plugged in/m);
	t.regex(stdout, /^0 of 1 boards are good$/m);
	const alone = await run(['check', 'rigs/real.yaml', '--schema-only']);
	t.is(alone.exitCode, 0);
	t.regex(alone.stdout, /no board was touched/);
});

test('what is piped into a console is sent once the board has booted, and what it says comes out', async (t) => {
	const { run } = inHost(t, { 'rigs/one.yaml': ONE });
	const { exitCode, stdout, stderr } = await run(['console', 'v'], 'version\nset colour blue\ndump\n');
	t.is(exitCode, 0, stderr);
	t.regex(stdout, /boot: blackstart-avr[\s\S]*\r\n> version\r\nversion 1\.0\.0\r\nok\r\n/);
	t.regex(stdout, /> dump\r\n[\s\S]*setting colour=blue\r\nok\r\n> $/);
	t.regex(stderr, /rig file rigs\/one\.yaml, the only one in rigs/);
});

test("a terminal is the board's, Ctrl-C too, until Ctrl-]", async (t) => {
	const { folder, env } = inHost(t, { 'rigs/one.yaml': ONE });
	const child = nodePty.spawn(process.execPath, [MAIN, 'rig', 'console', 'v'], { cwd: folder, env: { ...process.env, ...env } });
	t.teardown(() => child.kill('SIGKILL'));
	t.timeout(90_000);
	let said = '';
	const ended = new Promise<number>((resolve) => child.onExit(({ exitCode }) => resolve(exitCode)));
	const turns: readonly (readonly [wanted: RegExp, typed: string])[] = [
		[/v: Ctrl-\] leaves[\s\S]*self-test passed[\s\S]*> /, 'xy\x03'],
		[/xy/, '\r'],
		[/error[\s\S]*> /, 'version\r'],
		[/version 1\.0\.0[\s\S]*> /, '\x1d'],
	];
	let turn = 0;
	child.onData((text) => {
		said += text;
		for (let next = turns[turn]; next?.[0].test(said) === true; next = turns[turn]) {
			said = '';
			turn++;
			child.write(next[1]);
		}
	});
	t.is(await ended, 0, said);
	t.is(turn, turns.length, said);
});

test('power is switched and seen, and held for as long as is asked', async (t) => {
	const { run } = inHost(t, { 'rigs/one.yaml': ONE });
	const { exitCode, stdout, stderr } = await run(['power', 'v', 'cycle', '--hold', '10ms', '--json']);
	t.is(exitCode, 0, stderr);
	const data = JSON.parse(stdout) as { delayMs: number };
	t.like(data, { board: 'v', commanded: 'powered', observed: 'powered' });
	t.true(data.delayMs >= 0);
	t.like(await run(['power', 'v', 'maybe']), { exitCode: 2 });
	const unknown = await run(['power', 'w', 'off']);
	t.is(unknown.exitCode, 2);
	t.regex(unknown.stderr, /board: one of v was expected \(rigs\/one\.yaml\), got 'w'; did you mean v\?/);
});

test('a board that is marked broken is listed as such, and had again once its repair finds it good', async (t) => {
	const { run, env } = inHost(t, { 'rigs/one.yaml': ONE });
	markBroken({ rig: 'one', board: 'v' }, { environment: env, reason: 'golden image: silent', epochMs: 0 });
	t.regex((await run(['list'])).stdout, /^ {2}v: virtual-avr \(virtual\), BROKEN since 1970-01-01T00:00:00\.000Z: golden image: silent$/m);
	const { exitCode, stdout } = await run(['repair', 'v']);
	t.is(exitCode, 0, stdout);
	t.regex(stdout, /marked broken since 1970[\s\S]*^ {2}golden 1\.0\.0 runs, confirmed[\s\S]*^ {2}good {6}cut [\s\S]*^v: good, its mark is cleared$/m);
	t.is(readBroken({ rig: 'one', board: 'v' }, { environment: env }), undefined);
	const listed = JSON.parse((await run(['list', '--json'])).stdout) as { rigs: { boards: object[] }[] };
	t.like(listed.rigs[0]?.boards[0], { board: 'v', backend: 'virtual', broken: null, holder: null, updates: ['serial', 'mqtt', 'flasher'] });
});

/** The rig command on a machine of the test's own, in this process. */
const runHere = async (t: ExecutionContext, machine: ReturnType<typeof makeMachine>, values: readonly string[]) => {
	const said: string[] = [];
	let exitCode = 0;
	const output = {
		print: (text: string) => void said.push(text),
		printAside: () => {},
		setExitCode: (code: number) => {
			exitCode = code;
		},
	};
	const host = { root: machine.root, environment: { XDG_RUNTIME_DIR: machine.root, XDG_STATE_HOME: machine.root }, run: async () => undefined };
	await yargs(['rig', ...values])
		.command(createRigCommand({ directory: makeFolder(t, {}), host, output }))
		.exitProcess(false)
		.parseAsync();
	return { stdout: said.join('\n'), exitCode };
};

test('discover prints a rig file of what is plugged in, and doctor is red where something is wrong', async (t) => {
	const machine = makeMachine(t);
	plugIn(machine, { name: 'ttyUSB0', usbPath: '1-1.2', serial: '0001', latencyMs: 16 });
	const { stdout } = await runHere(t, machine, ['discover']);
	t.is(parseRigFile(stdout, { path: 'x' }).boards[0]?.identity.usbSerial, '0001');
	t.like(JSON.parse((await runHere(t, machine, ['discover', '--json'])).stdout), {
		ports: [{ path: '/dev/ttyUSB0', usb: { usbPath: '1-1.2' } }],
		chips: [],
		hubs: [],
	});
	machine.write('proc/9/comm', 'ModemManager\n');
	const doctor = await runHere(t, machine, ['doctor']);
	t.is(doctor.exitCode, 3);
	t.regex(doctor.stdout, /^ {2}WRONG {5}ModemManager runs[\s\S]*^ {12}remedy: sudo systemctl/m);
	t.regex(doctor.stdout, /^2 wrong, 1 doubtful$/m);
	const data = JSON.parse((await runHere(t, machine, ['doctor', '--json'])).stdout) as { wrong: number; diagnoses: object[] };
	t.is(data.wrong, 2);
});

const WRONG: readonly (readonly [values: readonly string[], message: RegExp])[] = [
	[['rig'], /rig: one of check, list, discover, doctor, console, power, repair or schema was expected/],
	[['rig', 'chek'], /rig|unknown/],
	[['rig', 'check', 'none.yaml'], /rig file: none\.yaml cannot be read: no such file/],
	[
		['rig', 'check', 'rigs/bad.yaml'],
		/^rigs\/bad\.yaml:2: rig: [\s\S]*^rigs\/bad\.yaml:4: boards\.v\.tpye: a key of the rig file was expected, did you mean type\?/m,
	],
	[['rig', 'list', '--colour'], /colour/],
	[['rig', 'console', 'v'], /--rig: one of rigs\/a\.yaml, rigs\/bad\.yaml was expected, got nothing/],
	[['rig', 'power', 'v', 'off', '--rig', 'rigs/a.yaml', '--hold', '5'], /--hold: a time with its unit was expected/],
	[['rig', 'power', 'v', 'off', '--rig', 'x', '--rig', 'y'], /--rig: it was given 2 times/],
];
test('wrong use of rig commands is told with what was expected', async (t) => {
	const directory = makeFolder(t, { 'rigs/a.yaml': ONE, 'rigs/bad.yaml': 'schema: rig/v1\nrig: A B\nboards:\n  v: { tpye: generic }\n' });
	for (const [values, message] of WRONG)
		await t.throwsAsync(runCommandLine(values, { directory, version: '0' }), { name: 'UsageError', message }, values.join(' '));
});

test('the schema that is printed is the one that is kept for editors', async (t) => {
	const { stdout } = await startBlackstart(makeFolder(t, {}), ['rig', 'schema', '--board-type']);
	t.is(`${stdout}\n`, readFileSync(fileURLToPath(new URL('../../../../rigs/board-type.schema.json', import.meta.url)), 'utf8'));
});
