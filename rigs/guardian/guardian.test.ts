import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { openTestChip, type TestChip } from '../drivers/gpio/line-socket.test.support.js';
import { monotonicMs } from '../drivers/monotonic.js';
import { Closers } from '../board/closers.js';
import { openGuardedSupply } from '../board/guarded-supply.js';
import { readLease } from '../leases/index.js';
import { openGuardian } from './index.js';
import { Starvation } from './starvation.js';

interface Bench {
	readonly chip: TestChip;
	readonly folder: string;
	readonly socketPath: string;
	readonly logFile: string;
}

const openBench = async (t: ExecutionContext): Promise<Bench> => {
	const folder = await mkdtemp(join(tmpdir(), 'blackstart-guardian-'));
	const socketPath = join(folder, 'chip.sock');
	const chip = await openTestChip(socketPath, ['POWER', 'RESET', 'SENSE']);
	t.teardown(async () => {
		await chip[Symbol.asyncDispose]();
		await rm(folder, { recursive: true });
	});
	return { chip, folder, socketPath, logFile: join(folder, 'guardian.jsonl') };
};

const logOf = async (file: string): Promise<Record<string, unknown>[]> =>
	(await readFile(file, 'utf8'))
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as Record<string, unknown>);

const ENDS: readonly { readonly how: string; readonly act: (runner: ChildProcess) => void; readonly reason: RegExp; readonly frozen?: true }[] = [
	{ how: 'is killed with -9', act: (runner) => runner.kill('SIGKILL'), reason: /^the runner is gone$/ },
	{ how: 'is stopped', act: (runner) => runner.kill('SIGSTOP'), reason: /^no heartbeat of the runner for \d+ ms$/, frozen: true },
	{ how: 'hangs in a loop', act: (runner) => runner.send('busy'), reason: /^no heartbeat of the runner for \d+ ms$/, frozen: true },
	{ how: 'falls over a bug', act: (runner) => runner.send('throw'), reason: /^the runner is gone$/ },
	{ how: 'is interrupted', act: (runner) => runner.kill('SIGINT'), reason: /^the runner is gone$/ },
];

for (const { how, act, reason, frozen = false } of ENDS) {
	test(`a runner that ${how} leaves the rig safe within two seconds${frozen ? ', and keeps its lease for as long as it is there' : ', its lease free'}`, async (t) => {
		const { chip, folder, socketPath, logFile } = await openBench(t);
		const runner = fork(fileURLToPath(new URL('./runner.test.child.js', import.meta.url)), [socketPath, logFile, folder], { silent: true });
		t.teardown(() => runner.kill('SIGKILL'));
		await once(runner, 'message');
		t.is(chip.levels.get('POWER'), true);
		t.is(chip.levels.get('RESET'), false, 'active low');
		const before = chip.history.length;
		const startMs = monotonicMs();
		const starvation = new Starvation(runner.pid as number);
		const gone = once(runner, 'exit');
		act(runner);
		await Promise.all([chip.until('POWER', null), chip.until('RESET', null)]);
		const tookMs = monotonicMs() - startMs - starvation.waitedMs;
		t.true(tookMs < 2000, `${tookMs} ms`);
		const after = chip.history.slice(before);
		t.deepEqual(
			after.filter(({ line }) => line === 'POWER').map(({ level }) => level),
			[false, null],
			'cut, then let go',
		);
		t.deepEqual(
			after.filter(({ line }) => line === 'RESET').map(({ level }) => level),
			[true, null],
			'idle, then let go',
		);
		// A guardian that ended stays a zombie while its runner is stopped: its log tells.
		while ((await logOf(logFile)).at(-1)?.['kind'] !== 'ended') await sleep(5);
		// Held while its guardian makes the board safe, and by whoever may be woken again.
		const lease = () => readLease({ rig: 'bench', board: 'virtual-1' }, { environment: { XDG_RUNTIME_DIR: folder } });
		if (frozen) t.regex(lease()?.why ?? '', /^its process lives/);
		else while (lease() !== undefined) await sleep(5);
		const log = await logOf(logFile);
		t.regex(String(log.find(({ kind }) => kind === 'ending')?.['reason']), reason);
		t.deepEqual(
			log
				.filter(({ kind }) => kind === 'safe')
				.map(({ state }) => state)
				.sort(),
			['idle, inactive', 'unpowered'],
		);
		if (frozen) t.deepEqual([runner.exitCode, runner.signalCode], [null, null]);
		else await gone;
	});
}

test('a runner that closes its guardian leaves the rig safe; one that keeps a supply leaves it on', async (t) => {
	const { chip, socketPath, logFile } = await openBench(t);
	const guardian = await openGuardian({ logFile });
	const timings = { name: 'virtual-1', offTimeMs: 30, settleMs: 0, withinMs: 500 };
	const virtual = { driver: 'virtual', gpio: { way: 'line-socket', socketPath }, line: { chip: 'virtual', line: 'POWER', activeLow: false } } as const;
	const sensedBy = { kind: 'gpio-in', gpio: virtual.gpio, line: { chip: 'virtual', line: 'SENSE', activeLow: false } } as const;
	const power = await guardian.openPower({ ...virtual, ...timings, sensedBy }, { safe: 'keep' });
	t.is(power.commanded, 'unknown');
	const dead = await t.throwsAsync(power.on(), { name: 'PowerError', code: 'unconfirmed' });
	t.regex(dead?.message ?? '', /^virtual-1: power on: still unpowered after 500 ms \(GPIO relay on virtual\/POWER; .*, seen on virtual\/SENSE\)$/);
	chip.levels.set('SENSE', true);
	const on = await power.on();
	t.true(on.observedAtMs! >= on.commandedAtMs);
	t.is(await power.observe(), 'powered');
	t.is(power.commanded, 'powered');
	chip.levels.set('SENSE', false);
	const cut = chip.until('POWER', false);
	const cycling = power.cycle();
	await cut;
	const cutMs = monotonicMs();
	await chip.until('POWER', true);
	t.true(monotonicMs() - cutMs >= 25, 'stays off for its off-time');
	chip.levels.set('SENSE', true);
	await cycling;
	const busy = await t.throwsAsync(guardian.openPower({ ...virtual, ...timings }, { safe: 'unpowered' }), { name: 'GpioError', code: 'busy' });
	t.regex(busy?.message ?? '', /^virtual\/POWER: request: /);
	await guardian[Symbol.asyncDispose]();
	await guardian[Symbol.asyncDispose]();
	t.deepEqual(
		chip.history.slice(-2).map(({ level }) => level),
		[true, null],
		'never cut, let go with its holder',
	);
	await t.throwsAsync(power.off(), { name: 'GuardianError' });
	t.true((await logOf(logFile)).some(({ kind, state }) => kind === 'safe' && state === 'left as it is, powered'));
});

test('a guardian that dies is noticed at once, and its lines are undriven', async (t) => {
	const { chip, socketPath, logFile } = await openBench(t);
	const guardian = await openGuardian({ logFile });
	const gpio = await guardian.openGpio({ way: 'line-socket', socketPath });
	t.regex(gpio.description, /virtual chip .*; held by the guardian$/);
	const line = await gpio.openLine({ chip: 'virtual', line: 'RESET', activeLow: true, direction: { output: true }, drive: 'open-drain', consumer: 'test' });
	t.true(await line.get());
	const lost = once(guardian.lost, 'abort');
	process.kill(guardian.pid!, 'SIGKILL');
	await lost;
	await chip.until('RESET', null);
	await t.throwsAsync(line.set(false), {
		name: 'GuardianError',
		code: 'lost',
		message: /^the guardian (was ended by SIGKILL|closed its channel): lines and supplies are no longer held$/,
	});
	await line[Symbol.asyncDispose]();
	await guardian[Symbol.asyncDispose]();
});

test('a supply whose guardian dies is brought to what is safe by another when it is closed', async (t) => {
	const { chip, socketPath } = await openBench(t);
	const guardian = await openGuardian();
	const closers = new Closers();
	const power = await openGuardedSupply(
		{
			driver: 'virtual',
			name: 'virtual-1',
			gpio: { way: 'line-socket', socketPath },
			line: { chip: 'virtual', line: 'POWER', activeLow: true },
			offTimeMs: 0,
			settleMs: 0,
			withinMs: 1000,
		},
		{ guardian, safe: 'unpowered', closers },
	);
	await power.on();
	t.is(chip.levels.get('POWER'), false, 'active low');
	const lost = once(guardian.lost, 'abort');
	process.kill(guardian.pid as number, 'SIGKILL');
	await lost;
	await chip.until('POWER', null);
	const before = chip.history.length;
	await closers.close();
	t.deepEqual(
		chip.history.slice(before).map(({ level }) => level),
		[true, true, true, null],
		'held unpowered, told so, seen to once more at the end, let go',
	);
	await t.throwsAsync(power.on(), { code: 'lost' });
	await guardian[Symbol.asyncDispose]();
});

test('a chip that answers no more does not keep other supplies from being cut', async (t) => {
	const { chip, folder, socketPath, logFile } = await openBench(t);
	const otherPath = join(folder, 'other.sock');
	const other = await openTestChip(otherPath, ['POWER']);
	t.teardown(() => other[Symbol.asyncDispose]());
	const guardian = await openGuardian({ logFile });
	const timings = { offTimeMs: 0, settleMs: 0, withinMs: 300 };
	const line = { chip: 'virtual', line: 'POWER', activeLow: false };
	const stuck = await guardian.openPower(
		{ driver: 'virtual', name: 'stuck', gpio: { way: 'line-socket', socketPath }, line, ...timings },
		{ safe: 'unpowered' },
	);
	const well = await guardian.openPower(
		{ driver: 'virtual', name: 'well', gpio: { way: 'line-socket', socketPath: otherPath }, line, ...timings },
		{ safe: 'unpowered' },
	);
	await Promise.all([stuck.on(), well.on()]);
	chip.misbehave = () => '';
	await guardian[Symbol.asyncDispose]();
	t.deepEqual(
		other.history.map(({ level }) => level),
		[false, true, false, null],
	);
	const log = await logOf(logFile);
	t.regex(String(log.find(({ kind }) => kind === 'unsafe')?.['error']), /^stuck: power off: no answer in 300 ms/);
});
