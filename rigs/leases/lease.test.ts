import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { execaNode } from 'execa';
import { RealClock } from '../../harness/time/index.js';
import {
	acquireLease,
	clearBroken,
	identifyProcess,
	leaseFolder,
	type LeaseOptions,
	type LeaseWait,
	markBroken,
	readBroken,
	readLease,
	stateOfProcess,
} from './index.js';

const CHILD = fileURLToPath(new URL('./hold-lease.test.child.js', import.meta.url));
const BOARD = { rig: 'bench', board: 'esp-1' } as const;

/** A rig host of its own. */
const makeHost = (t: ExecutionContext) => {
	const runtime = mkdtempSync(join(tmpdir(), 'blackstart-lease-'));
	t.teardown(() => rmSync(runtime, { recursive: true, force: true }));
	const environment = { XDG_RUNTIME_DIR: runtime, XDG_STATE_HOME: runtime };
	const options = (facts: Partial<LeaseOptions> = {}): LeaseOptions => ({ purpose: 'a test', waitMs: 0, environment, ...facts });
	const folder = (): string => join(runtime, 'blackstart');
	const file = (): string => {
		const [name, ...more] = readdirSync(folder()).filter((entry) => entry.includes('.lease.'));
		t.deepEqual(more, []);
		return join(folder(), name ?? 'none');
	};
	return { runtime, environment, options, folder, file };
};

const startHolder = async (t: ExecutionContext, runtime: string) => {
	const child = execaNode(CHILD, ['hold', runtime, BOARD.board], { reject: false });
	t.teardown(() => child.kill('SIGKILL'));
	await new Promise((resolve) => child.stdout?.once('data', resolve));
	const kill = async (): Promise<void> => {
		child.kill('SIGKILL');
		await child;
	};
	return { pid: child.pid ?? 0, kill };
};

test('a board is had by one, who waits is told by whom, and it is had next when it is given back', async (t) => {
	const { options } = makeHost(t);
	const first = await acquireLease(BOARD, options({ purpose: 'a sweep' }));
	await using other = await acquireLease({ rig: 'bench', board: 'esp-2' }, options());
	t.true(other.isHeld);
	await t.throwsAsync(acquireLease(BOARD, options()), {
		code: 'held',
		message: new RegExp(`^board esp-1 of rig bench: held by .+, process ${process.pid} \\(a sweep\\), since 20.+: its process lives; waited 0 s$`),
	});
	t.regex(readLease(BOARD, options())?.holder ?? '', /a sweep/);
	const waits: LeaseWait[] = [];
	const next = acquireLease(BOARD, options({ waitMs: 20_000, onWait: (progress) => waits.push(progress) }));
	await new RealClock().until(() => waits.length > 0, { withinMs: 10_000, label: 'the progress of the wait' });
	await first[Symbol.asyncDispose]();
	await using second = await next;
	t.true(second.isHeld);
	t.false(first.isHeld);
	t.is(waits.length, 1);
	t.regex(waits[0]?.holder ?? '', /a sweep/);
	await first[Symbol.asyncDispose]();
	t.true(second.isHeld, 'what another holds is not given back');
});

test('a wait ends when it is called off', async (t) => {
	const { options } = makeHost(t);
	await using lease = await acquireLease(BOARD, options());
	const calledOff = new AbortController();
	const waiting = acquireLease(BOARD, options({ waitMs: 60_000, signal: calledOff.signal, onWait: () => calledOff.abort(new Error('called off')) }));
	await t.throwsAsync(waiting, { message: 'called off' });
	t.true(lease.isHeld);
});

test('a board of a killed process is had at once, not before', async (t) => {
	const { runtime, options } = makeHost(t);
	const child = await startHolder(t, runtime);
	await t.throwsAsync(acquireLease(BOARD, options()), { code: 'held', message: new RegExp(`process ${child.pid} `) });
	await child.kill();
	t.is(readLease(BOARD, options()), undefined);
	await using lease = await acquireLease(BOARD, options());
	t.true(lease.isHeld);
});

test('a board is held for as long as the process lives that makes it safe', async (t) => {
	const { runtime, options } = makeHost(t);
	const keeper = await startHolder(t, runtime);
	const lease = await acquireLease({ ...BOARD, board: 'esp-9' }, options());
	lease.addKeeper(keeper.pid);
	const path = join(runtime, 'blackstart', readdirSync(join(runtime, 'blackstart')).find((name) => name.startsWith('esp-9')) ?? '');
	const record = JSON.parse(readFileSync(path, 'utf8')) as { holder: object };
	writeFileSync(path, JSON.stringify({ ...record, holder: { ...record.holder, startTicks: '1' } }));
	await t.throwsAsync(acquireLease({ ...BOARD, board: 'esp-9' }, options()), { code: 'held' });
	await keeper.kill();
	await using next = await acquireLease({ ...BOARD, board: 'esp-9' }, options());
	t.true(next.isHeld);
	await lease[Symbol.asyncDispose]();
	t.true(next.isHeld);
	t.throws(() => next.addKeeper(keeper.pid), { instanceOf: RangeError });
});

const LONG_AGO = 1_000_000;
const NEVER = Number.MAX_SAFE_INTEGER;

/** What the file of a lease of this very process is changed to, and whether it may be taken then. */
const FORGED: readonly (readonly [title: string, holder: object, expiresEpochMs: number, outcome: 'taken' | RegExp])[] = [
	['its id was given to a later process', { startTicks: '1' }, NEVER, 'taken'],
	['it is from before the machine started', { bootId: 'another' }, NEVER, 'taken'],
	['its process is stopped for longer than it holds', {}, LONG_AGO, /it ran out \d+ s ago, but its process lives and may be stopped: end it/],
	['its process is in another container and it was not renewed', { pidNamespace: 'pid:[1]', startTicks: '1' }, LONG_AGO, 'taken'],
	[
		'its process is in another container and it is renewed',
		{ pidNamespace: 'pid:[1]', startTicks: '1' },
		NEVER,
		/its process cannot be seen from here; it runs out in \d+ s/,
	],
];
for (const [title, holder, expiresEpochMs, outcome] of FORGED) {
	test(`a lease of which ${title} is ${outcome === 'taken' ? 'taken' : 'left'}`, async (t) => {
		const { options, file } = makeHost(t);
		const own = await acquireLease(BOARD, options());
		const record = JSON.parse(readFileSync(file(), 'utf8')) as { holder: object };
		writeFileSync(file(), JSON.stringify({ ...record, holder: { ...record.holder, ...holder }, expiresEpochMs }));
		const taking = acquireLease(BOARD, options());
		if (outcome === 'taken') {
			await using lease = await taking;
			t.true(lease.isHeld);
			t.false(own.isHeld);
		} else {
			await t.throwsAsync(taking, { code: 'held', message: outcome });
		}
		await own[Symbol.asyncDispose]();
	});
}

test('a lease is renewed while its holder lives, and a holder that lost it is told', async (t) => {
	const { options, file } = makeHost(t);
	let lost: Error | undefined;
	const lease = await acquireLease(BOARD, options({ ttlMs: 60, onLost: (error) => (lost = error) }));
	const expiry = (): number => (JSON.parse(readFileSync(file(), 'utf8')) as { expiresEpochMs: number }).expiresEpochMs;
	const first = expiry();
	const clock = new RealClock();
	await clock.until(() => expiry() > first, { withinMs: 10_000, label: 'the lease to be renewed' });
	const path = file();
	const [, name, number] = /^(.*\.)(\d+)$/.exec(path) ?? [];
	writeFileSync(`${name}${Number(number) + 1}`, readFileSync(path));
	await clock.until(() => lost !== undefined, { withinMs: 10_000, label: 'the holder to be told' });
	t.like(lost, { code: 'lost' });
	t.false(lease.isHeld);
	await lease[Symbol.asyncDispose]();
	t.true(readLease(BOARD, options()) !== undefined, 'what another holds is not given back');
});

test("what cannot be read is nobody's", async (t) => {
	const { options, folder } = makeHost(t);
	mkdirSync(folder(), { mode: 0o700 });
	writeFileSync(join(folder(), 'esp-1@bench.lease.4'), '{"half');
	await using lease = await acquireLease(BOARD, options());
	t.true(lease.isHeld);
	t.deepEqual(readdirSync(folder()), ['esp-1@bench.lease.5']);
});

test('of processes that all want one board, with a dead one before them, one has it at a time and all have their turns', async (t) => {
	const { runtime, folder } = makeHost(t);
	const dead = await startHolder(t, runtime);
	await dead.kill();
	const log = join(runtime, 'log');
	const ended = await Promise.all(Array.from({ length: 5 }, () => execaNode(CHILD, ['turns', runtime, BOARD.board, log, '6'], { reject: false })));
	t.deepEqual(
		ended.map(({ exitCode, stderr }) => [exitCode, stderr]),
		ended.map(() => [0, '']),
	);
	const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
	t.is(lines.length, 5 * 6 * 2);
	for (let index = 0; index < lines.length; index += 2) {
		const [pid] = lines[index]?.split(' ') ?? [];
		t.deepEqual(lines.slice(index, index + 2), [`${pid} has it`, `${pid} gives it`]);
	}
	t.is(readdirSync(folder()).length, 1, 'nothing is left but the last of it');
});

test("a board marked broken is nobody's until it is repaired, with the first reason", async (t) => {
	const { options, environment, runtime } = makeHost(t);
	markBroken(BOARD, { environment, reason: 'golden image: console silent for 5000 ms', epochMs: Date.UTC(2026, 0, 2) });
	markBroken(BOARD, { environment, reason: 'another', epochMs: Date.UTC(2026, 0, 3) });
	await t.throwsAsync(acquireLease(BOARD, options({ waitMs: 60_000 })), {
		code: 'broken',
		message:
			'board esp-1 of rig bench: marked broken since 2026-01-02T00:00:00.000Z: golden image: console silent for 5000 ms; `blackstart rig repair esp-1` brings it back',
	});
	const lease = await acquireLease(BOARD, options({ evenBroken: true }));
	await lease[Symbol.asyncDispose]();
	writeFileSync(join(runtime, 'blackstart/esp-1@bench.broken'), 'torn');
	await t.throwsAsync(acquireLease(BOARD, options()), { code: 'broken', message: /its mark cannot be read/ });
	clearBroken(BOARD, { environment });
	t.is(readBroken(BOARD, { environment }), undefined);
	await using again = await acquireLease(BOARD, options());
	t.true(again.isHeld);
});

test("leases are kept in a folder of the user alone, whatever its session says, and another's is refused", (t) => {
	const { runtime } = makeHost(t);
	const userId = process.getuid?.() ?? 0;
	const root = join(runtime, 'root');
	for (const folder of ['run/lock', 'tmp', `run/user/${userId}`]) mkdirSync(join(root, folder), { recursive: true });
	const where = (environment = {}): string => leaseFolder({ root, environment });
	t.is(where({ XDG_RUNTIME_DIR: runtime }), join(runtime, 'blackstart'));
	t.is(where(), join(root, `run/user/${userId}/blackstart`));
	t.is(where({ XDG_RUNTIME_DIR: join(runtime, 'gone') }), join(root, `run/user/${userId}/blackstart`));
	rmSync(join(root, 'run/user'), { recursive: true });
	t.is(where(), join(root, `run/lock/blackstart-${userId}`));
	t.is(statSync(where()).mode & 0o777, 0o700);
	rmSync(join(root, 'run'), { recursive: true });
	t.is(where(), join(root, `tmp/blackstart-${userId}`));
	t.throws(() => leaseFolder({ root, environment: {}, userId: userId + 1 }), { code: 'folder' });
	rmSync(join(root, `tmp/blackstart-${userId}`), { recursive: true });
	symlinkSync(runtime, join(root, `tmp/blackstart-${userId}`));
	t.throws(where, { code: 'folder', message: /a folder of our own was expected/ });
});

test('a process is known by its start, not by its id alone', (t) => {
	const own = identifyProcess();
	t.truthy(own);
	if (own === undefined) return;
	t.is(stateOfProcess(own), 'alive');
	t.is(stateOfProcess({ ...own, startTicks: `${Number(own.startTicks) + 1}` }), 'dead');
	t.is(stateOfProcess({ ...own, pidNamespace: 'pid:[1]' }), 'unknown');
	t.is(stateOfProcess({ ...own, bootId: 'x' }), 'dead');
	t.is(identifyProcess(4_194_305), undefined);
});
