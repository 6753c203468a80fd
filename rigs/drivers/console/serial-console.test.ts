import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type FarEnd, openFarEnd } from '../far-end.test.support.js';
import { identifyProcess } from '../../leases/index.js';
import { expectFreshBoot, openSerialConsole, type SerialConsole, type SerialConsoleOptions } from './index.js';

interface Bench {
	readonly console: SerialConsole;
	readonly board: FarEnd;
	readonly folder: string;
	/** Where the port is from now on. */
	plug(board: FarEnd | undefined): void;
}

const openBench = async (t: ExecutionContext, options: Partial<SerialConsoleOptions> = {}): Promise<Bench> => {
	const folder = await mkdtemp(join(tmpdir(), 'blackstart-console-'));
	const board = openFarEnd();
	let plugged: FarEnd | undefined = board;
	const console = await openSerialConsole({
		name: 'esp-1',
		baudRate: 115_200,
		lines: 'none',
		lockFolder: join(folder, 'locks'),
		recordFile: join(folder, 'console.log'),
		resolvePort: async () => {
			if (plugged === undefined) throw new Error('no port with serial number 0001');
			return plugged.path;
		},
		...options,
	});
	t.teardown(async () => {
		await console[Symbol.asyncDispose]();
		await board.die();
		await plugged?.die();
		await rm(folder, { recursive: true, force: true });
	});
	return {
		console,
		board,
		folder,
		plug: (next) => {
			plugged = next;
		},
	};
};

const withinMs = 5000;

test.serial('matches text and expressions over chunks, prompts without a newline, and consumes what it matched', async (t) => {
	const { console, board } = await openBench(t);
	board.write('I: Swap ty');
	const swap = console.expect('Swap type: test', { withinMs });
	await console.expect('Swap ty', { withinMs, from: { offsetBytes: 0, atMs: 0 } });
	board.write('pe: test\r\nlogin: ');
	t.is((await swap).end.offsetBytes, 18);
	const prompt = await console.expect([/nothing/, /(\w+): $/], { withinMs });
	t.is(prompt.index, 1);
	t.deepEqual([...prompt.groups], ['login']);
	const silence = await t.throwsAsync(console.expect('login', { withinMs: 20 }), { code: 'timeout' });
	t.is(silence?.message, 'console esp-1: "login": nothing in 20 ms; the board said nothing');
	t.is(
		(await console.expect('login', { withinMs, from: prompt.end, signal: AbortSignal.timeout(1) }).catch((error: { code: string }) => error.code)) as unknown,
		'aborted',
	);
});

test.serial('an expression that reaches the end of what came waits for what may make it longer', async (t) => {
	const { console, board } = await openBench(t);
	board.write('version 1.1');
	const version = console.expect(/version (\S+)/, { withinMs });
	await console.expect('1.1', { withinMs, from: { offsetBytes: 0, atMs: 0 } });
	board.write('2\r\n');
	t.is((await version).groups[0], '1.12');
	board.write('slot A');
	t.is((await console.expect(/slot (\w+)/, { withinMs })).groups[0], 'A', 'and stands when nothing more comes');
});

test.serial('a flood of a megabyte loses no byte: not on disk, not in memory, not in lines', async (t) => {
	const { console, board, folder } = await openBench(t);
	const flood = Buffer.alloc(2 ** 20, 'flooding board says 0123456789 and so on\n');
	let lines = 0;
	console.onLine(({ text }) => {
		lines += text.length > 0 ? 1 : 0;
	});
	board.write(flood);
	board.write('\nend of flood');
	const end = await console.expect('end of flood', { withinMs: 20_000 });
	t.is(end.end.offsetBytes, flood.length + 13);
	t.true((await readFile(join(folder, 'console.log'))).equals(Buffer.concat([flood, Buffer.from('\nend of flood')])));
	t.is(lines, flood.filter((byte) => byte === 0x0a).length + 1);
	const index = (await readFile(join(folder, 'console.log.index.jsonl'), 'utf8'))
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as Record<string, number | string>);
	t.is(index[0]?.['note'], 'opened');
	t.is(index.at(-1)?.['offsetBytes'], flood.length + 13);
	t.true(index.every(({ atMs, offsetBytes }, at) => at === 0 || (atMs! >= index[at - 1]!['atMs']! && offsetBytes! >= index[at - 1]!['offsetBytes']!)));
});

test.serial('what memory no longer holds is said to be only in the file', async (t) => {
	const { console, board, folder } = await openBench(t, { keepBytes: 2 ** 20 });
	const start = console.mark();
	board.write(Buffer.alloc(2.5 * 2 ** 20, 'x'));
	board.write('done');
	await console.expect('done', { withinMs: 20_000 });
	t.true(console.receivedBytes - console.textSince(start).length < 2 ** 21);
	t.regex(console.textSince(start), /^\[\d{6,} bytes are no longer in memory, only in .*console\.log\]xxx/);
	const error = await t.throwsAsync(console.expect('x', { withinMs, from: start }), { code: 'out-of-reach' });
	t.true(error?.message.includes(join(folder, 'console.log')));
});

test.serial('bytes that are no UTF-8 spoil neither lines nor matches behind them', async (t) => {
	const { console, board } = await openBench(t);
	const lines: string[] = [];
	console.onLine(({ text }) => lines.push(text));
	board.write(Buffer.concat([Buffer.from([0xff, 0xc3]), Buffer.from('bad\r\n'), Buffer.from('temp 21 °C grün 😀 ok\r\n').subarray(0, 9)]));
	await console.expect('temp 21 ', { withinMs });
	board.write(Buffer.from('temp 21 °C grün 😀 ok\r\n').subarray(9));
	const match = await console.expect(/(.)C gr(\S+) (\S+) /, { withinMs });
	t.deepEqual([...match.groups], ['°', 'ün', '😀']);
	t.is((await console.expect('ok', { withinMs })).end.offsetBytes, match.end.offsetBytes + 2, 'offsets are bytes, whatever the characters');
	await console.expect('\n', { withinMs });
	t.deepEqual(lines, ['\ufffd\ufffdbad', 'temp 21 °C grün 😀 ok']);
});

test.serial('a command is typed again until the board gave it back whole, and only then ended', async (t) => {
	const { console, board } = await openBench(t, { pacing: { characterDelayMs: 1 }, echo: { echoMs: 60 } });
	let typed = 0;
	board.onBytes((bytes) => {
		const text = bytes.toString();
		// The first letter of the first attempt gets lost.
		board.write(typed++ === 0 ? text.slice(1) : text === '\r' ? '\r\nconfirmed\r\n> ' : text);
	});
	const echoed = await console.command('dmesg -n 1', { withinMs });
	t.is(console.textSince({ offsetBytes: 0, atMs: 0 }, echoed), 'mesg -n 1\x15dmesg -n 1');
	await console.expect('confirmed', { withinMs, from: echoed });
	t.is(board.heard().toString(), 'dmesg -n 1\x15dmesg -n 1\r');
	await t.throwsAsync(console.command('two\nlines', { withinMs }), { instanceOf: TypeError });
});

test.serial('a board that gives nothing back fails the command and never gets it ended', async (t) => {
	const { console, board } = await openBench(t, { echo: { echoMs: 20, discardLine: '\x03' } });
	const error = await t.throwsAsync(console.command('erase all', { withinMs: 500 }), { code: 'echo' });
	t.regex(error?.message ?? '', /^console esp-1: command "erase all": not given back in 500 ms and \d+ attempts; came ""$/);
	t.regex(board.heard().toString().replaceAll('\x03', '|'), /^erase all(\|erase all)+$/);
});

test.serial('a panic without a newline fails what waits at once, and its place is named', async (t) => {
	const { console, board } = await openBench(t);
	const watch = console.watch({ panic: ['Guru Meditation', /assert failed: .*/], reboot: [/rst:0x/] });
	const waiting = console.expect('Image confirmed', { withinMs });
	board.write('\r\nGuru Medi');
	board.write('tation Error: Core 0');
	const error = await t.throwsAsync(waiting, { code: 'panic' });
	t.regex(error?.message ?? '', /^console esp-1: the board crashed: "Guru Meditation( Error.*)?" at byte 17$/);
	t.is(watch.signal.reason, watch.sighting);
	await t.throwsAsync(console.expect('anything', { withinMs }), { code: 'panic' });
	watch[Symbol.dispose]();
	board.write('recovered\n');
	await t.notThrowsAsync(console.expect('recovered', { withinMs }), 'a console is usable again once the watch has ended');
});

test.serial('a reboot counts where none was asked for, and in the quiet window after the verdict', async (t) => {
	const { console, board } = await openBench(t);
	using watch = console.watch({ panic: [], reboot: ['*** boot'] });
	const asked = watch.allow('reboot');
	board.write('*** boot 1\n');
	await console.expect('boot 1', { withinMs });
	asked();
	t.is(watch.sighting, undefined);
	await t.notThrowsAsync(watch.settle({ quietMs: 30, withinMs: 1000 }));
	const settled = watch.settle({ quietMs: 500, withinMs });
	board.write('PASS\n*** boot 2\n');
	const error = await t.throwsAsync(settled, { code: 'reboot' });
	t.regex(error?.message ?? '', /nobody had asked for it: "\*\*\* boot/);
});

test.serial('a fence drops what belongs to an earlier boot', async (t) => {
	const { console, board } = await openBench(t);
	board.write('nonce=aa1\nPASS\nnonce=aa1\nnonce=b2f\nFAIL\n');
	const boot = await expectFreshBoot(console, { pattern: /nonce=(\w+)\n/, known: new Set(['aa1']), withinMs });
	t.is(boot.nonce, 'b2f');
	t.is((await console.expect(['PASS', 'FAIL'], { withinMs })).index, 1);
});

test.serial('a port that is gone is opened anew by its identity, under one owner for reading and writing', async (t) => {
	const { console, board, plug, folder } = await openBench(t);
	board.write('before ');
	await console.expect('before', { withinMs });
	plug(undefined);
	const after = console.expect('after', { withinMs: 20_000 });
	await board.die();
	const other = openFarEnd();
	t.teardown(() => other.die());
	const unsent = await console.send('lost').catch((error: { code: string }) => error.code);
	t.true(unsent === undefined || unsent === 'absent', 'a drop that nobody saw yet: the bytes left, or the sender is told');
	const missing = await t.throwsAsync(console.expect('sooner', { withinMs: 400 }), { code: 'timeout' });
	t.regex(missing?.message ?? '', /; its port has been gone since .*Z: /);
	const sent = console.send('hello');
	plug(other);
	await sent;
	t.is(console.path, other.path);
	other.write('after');
	t.is((await after).end.offsetBytes, 'before after'.length, 'offsets go on');
	t.is(console.drops.length, 1);
	t.is(console.drops[0]?.at.offsetBytes, 7);
	const notes = [...(await readFile(join(folder, 'console.log.index.jsonl'), 'utf8')).matchAll(/"note":"(\w+)"/g)].map(([, note]) => note);
	t.deepEqual(notes, ['opened', 'dropped', 'reopened']);
});

test.serial('a port is owned by one, by a lock that outlives no process', async (t) => {
	const { board, folder } = await openBench(t);
	const options = { name: 'esp-2', baudRate: 115_200, lines: 'none', resolvePort: async () => board.path } as const;
	const mine = await t.throwsAsync(openSerialConsole({ ...options, lockFolder: join(folder, 'locks') }), { code: 'locked' });
	t.regex(mine?.message ?? '', new RegExp(`^port ${board.path}: owned by process ${process.pid}, this one`));
	const flock = await t.throwsAsync(openSerialConsole({ ...options, lockFolder: join(folder, 'other-locks') }), { code: 'locked' });
	t.regex(flock?.message ?? '', /cannot be opened: .*[Ll]ock/);

	const far = openFarEnd();
	t.teardown(() => far.die());
	const file = join(folder, 'locks', `${far.path.replaceAll('/', '-').slice(1)}.lock`);
	const open = () => openSerialConsole({ ...options, resolvePort: async () => far.path, lockFolder: join(folder, 'locks') });
	const sleeper = spawn('sleep', ['60'], { stdio: 'ignore' });
	const identity = identifyProcess(sleeper.pid);
	const write = (change: object = {}) => writeFile(file, JSON.stringify({ ...identity, ...change, port: far.path }));
	await write();
	const living = await t.throwsAsync(open(), { code: 'locked' });
	t.true(living?.message.includes(`owned by process ${sleeper.pid} (lock `));
	await write({ pidNamespace: 'pid:[1]', startTicks: '1' });
	await t.throwsAsync(open(), { code: 'locked' }, 'a process of another namespace, as of a container, cannot be seen from here');
	await write({ startTicks: '1' });
	await (await open())[Symbol.asyncDispose]();
	await write();
	sleeper.kill('SIGKILL');
	await once(sleeper, 'exit');
	await (await open())[Symbol.asyncDispose]();
	await t.throwsAsync(readFile(file), { code: 'ENOENT' }, 'released with the console');
	await writeFile(file, 'half a lo');
	t.regex((await t.throwsAsync(open(), { code: 'locked' }))?.message ?? '', /cannot be read; remove it if nothing uses the port/);
});

test.serial('wrong options and ports are refused by name', async (t) => {
	const far = openFarEnd();
	t.teardown(() => far.die());
	const lockFolder = await mkdtemp(join(tmpdir(), 'blackstart-console-'));
	t.teardown(() => rm(lockFolder, { recursive: true }));
	const options = { name: 'esp-1', baudRate: 115_200, lines: 'none', lockFolder, resolvePort: async () => far.path } as const;
	const lines = await t.throwsAsync(openSerialConsole({ ...options, lines: { dtr: false, rts: false } }), { code: 'modem-lines' });
	t.regex(lines?.message ?? '', /a port without modem lines has the policy 'none'$/);
	await t.throwsAsync(openSerialConsole({ ...options, resolvePort: async () => '/dev/ttyNone7' }), { code: 'absent' });
	await t.throwsAsync(openSerialConsole({ ...options, resolvePort: () => Promise.reject(new Error('no port at USB path 1-1.2')) }), {
		code: 'absent',
		message: /USB path 1-1\.2/,
	});
	await t.throwsAsync(openSerialConsole({ ...options, keepBytes: 1000 }), { instanceOf: RangeError });
	const console = await openSerialConsole(options);
	await t.throwsAsync(console.setLines({ dtr: true, rts: false }), { code: 'modem-lines' });
	await t.throwsAsync(console.expect(/x/g, { withinMs }), { instanceOf: TypeError });
	await t.throwsAsync(console.expect('', { withinMs }), { instanceOf: TypeError });
	await t.throwsAsync(console.expect([], { withinMs }), { instanceOf: TypeError });
	await t.throwsAsync(console.expect('x', { withinMs: Number.POSITIVE_INFINITY }), { instanceOf: RangeError });
	const waiting = t.throwsAsync(console.expect('x', { withinMs }), { code: 'closed' });
	await console[Symbol.asyncDispose]();
	await console[Symbol.asyncDispose]();
	await waiting;
	await t.throwsAsync(console.send('x'), { code: 'closed' });
});
