import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { openSerialConsole } from '../../../rigs/drivers/console/index.js';
import { openFarEnd } from '../../../rigs/drivers/far-end.test.support.js';
import { createReleaseBook } from '../../../rigs/board/board-releases.js';
import { SpokenBoard } from '../../../rigs/board/index.js';
import { type BoardSpec, openRigFile } from '../../../rigs/rig-file/index.js';
import { manufacture } from '../../../simulators/networked-board/factory.js';
import { PoweredBoard } from '../../../simulators/networked-board/powered-board.js';
import type { BlackstartEvent } from '../../events/index.js';
import type { PowerSwitched } from '../../ports/index.js';
import { makeFolder, readVerdicts, startBlackstart } from '../blackstart.test.support.js';
import { BoardService } from './board-service.js';
import { readBoardImages } from './virtual-bench.js';

const NETWORK_RIG = new URL('../../../../rigs/network.yaml', import.meta.url).pathname;

interface BenchOptions {
	/** What is other than its rig file says. */
	readonly spec?: (spec: BoardSpec) => BoardSpec;
	readonly place?: { readonly host?: string; readonly interface?: string; readonly port: number };
}

/** A board with a network of its own behind a real tty, all in this process, and the service that it comes to over real TCP. */
const openBench = async (t: ExecutionContext, { spec: change = (spec) => spec, place = { host: '127.0.0.1', port: 0 } }: BenchOptions = {}) => {
	const spec = change(openRigFile(NETWORK_RIG).boards[0] as BoardSpec);
	const far = openFarEnd();
	const memory = manufacture({ name: spec.name });
	const device = new PoweredBoard({ name: spec.name, memory, seed: 1, onOutput: (bytes) => far.write(bytes), onUnpowered: () => undefined });
	far.onBytes((bytes) => device.receive(bytes));
	const service = new BoardService();
	const console = await openSerialConsole({ name: spec.name, baudRate: 115_200, lines: 'none', resolvePort: async () => far.path });
	const events: BlackstartEvent[] = [];
	const unexpected: string[] = [];
	const switched = async (on: boolean): Promise<PowerSwitched> => {
		device.setPower(on);
		return { commanded: on ? 'powered' : 'unpowered', commandedAtMs: console.mark().atMs };
	};
	const board = new SpokenBoard({
		spec,
		console,
		power: {
			commanded: 'unknown',
			on: () => switched(true),
			off: () => switched(false),
			cycle: async () => {
				await switched(false);
				return switched(true);
			},
			observe: async () => (device.isPowered ? 'powered' : 'unpowered'),
		},
		uplink: await service.uplink(spec, place),
		releases: createReleaseBook(await readBoardImages(spec), { board: spec.name, type: spec.type.type, origin: 'harness' }),
		nowMs: () => performance.now(),
		record: (event) => void events.push(event),
		onUnexpected: (what) => void unexpected.push(what),
	});
	t.teardown(async () => {
		board.stopWatching();
		device.stop();
		await service[Symbol.asyncDispose]();
		await console[Symbol.asyncDispose]();
		await far.die();
	});
	await board.power.on();
	await board.settle({ withinMs: 10_000 });
	return { board, device, service, spec, events, unexpected, console };
};

const WITHIN = { withinMs: 30_000 };

test('a board downloads by itself, over a power cut and over a service that is gone, and the service knows what it came to', async (t) => {
	const { board, service, unexpected } = await openBench(t);
	const network = board.network as NonNullable<typeof board.network>;
	t.deepEqual(board.updatePaths, ['mqtt']);
	await network.connect(WITHIN);
	t.true(network.isConnected);
	const candidate = board.releases.candidate();
	const taken = board.update(candidate, WITHIN);
	const until = async (condition: () => boolean): Promise<void> => {
		while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
	};
	await until(() => network.deliveredRatio > 0.3);
	await board.power.off();
	const atCut = network.deliveredRatio;
	t.true(atCut < 1, 'it was cut in the middle');
	await board.power.on();
	await until(() => network.deliveredRatio > atCut + 0.2);
	await network.takeServiceAway();
	await until(() => !network.isConnected);
	t.is(service.belief(board.name)?.status, 'IN_PROGRESS');
	await network.bringServiceBack();
	await taken;
	await board.restart();
	const running = await board.settle(WITHIN);
	t.like(running, { version: '2.0.0+0', confirmed: true, digest: candidate.images[0]?.digest });
	t.true(network.deliveredRatio > 1 && network.deliveredRatio < 1.6, `it went on where it was: ${network.deliveredRatio} images were handed out`);
	t.deepEqual(service.belief(board.name), { version: '2.0.0+0', status: 'SUCCEEDED' });
	// Cut while nobody waits for the update: it goes on with it by itself, and whoever asks for its rest waits for that.
	const calling = new AbortController();
	const golden = board.update(board.releases.golden(), { ...WITHIN, signal: calling.signal });
	await until(() => network.deliveredRatio > 0.2 && network.deliveredRatio < 1);
	await board.power.off();
	calling.abort(new Error('the power was cut'));
	await t.throwsAsync(golden, { code: 'aborted' });
	await board.power.on();
	t.is((await board.settle(WITHIN)).version, '1.0.0+0');
	t.deepEqual(service.belief(board.name), { version: '1.0.0+0', status: 'SUCCEEDED' });
	t.deepEqual(unexpected, [], 'what it did by itself it did for its job');
});

test('what it refuses and what it gives up are jobs that failed, with golden at work', async (t) => {
	const { board, service } = await openBench(t);
	for (const [release, says] of [
		[board.releases.forbidden('wrong-key'), /^ota: refused image refused: /m],
		[board.releases.forbidden('payload-bit'), /^ota: refused image refused: /m],
		[board.releases.bad(), /^boot: revert /m],
	] as const) {
		const from = board.console.mark();
		await board.update(release, WITHIN);
		await board.restart();
		t.is((await board.settle(WITHIN)).version, '1.0.0+0', release.name);
		t.deepEqual(service.belief(board.name), { version: '1.0.0+0', status: 'FAILED' }, release.name);
		t.regex(board.console.textSince(from), says);
	}
});

const without =
	(lines: readonly { readonly send: string }[]) =>
	(spec: BoardSpec): BoardSpec => ({
		...spec,
		type: { ...spec.type, network: spec.type.network && { ...spec.type.network, connect: 700, lines: [...lines] } },
	});

for (const { what, lines, says } of [
	{ what: 'a wrong port', lines: [{ send: 'net {host} 1 {client} {secret}' }], says: /the service saw no connection of it$/ },
	{ what: 'a wrong secret', lines: [{ send: 'net {host} {port} {client} guess' }], says: /it came \d+ times with another secret$/ },
	{ what: 'nothing', lines: [{ send: 'version' }], says: /the service saw no connection of it$/ },
] as const) {
	test(`a board that was told ${what} is an error of the rig, which says where it should be and what was seen of it`, async (t) => {
		const { board, events } = await openBench(t, { spec: without(lines) });
		await t.throwsAsync(board.update(board.releases.candidate(), WITHIN), {
			name: 'BoardError',
			code: 'network',
			message: new RegExp(`^board net-1: it was told to connect to 127\\.0\\.0\\.1:\\d+ as net-1, and is not there after 700 ms: ${says.source}`),
		});
		t.true(events.some((event) => event.kind === 'board-update-ended' && event.outcome === 'failed'));
		t.like(await board.running(WITHIN), { version: '1.0.0+0', confirmed: true });
	});
}

test('a program of the rig host tells a board too, and is told what it needs by its environment', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'blackstart-own-network-'));
	const program = join(folder, 'provision.mjs');
	const told = join(folder, 'told');
	writeFileSync(
		program,
		`import { writeFileSync } from 'node:fs';\nconst { SERVICE_BOARD, SERVICE_HOST, SERVICE_PORT, SERVICE_CLIENT, SERVICE_SECRET } = process.env;\nwriteFileSync(${JSON.stringify(told)}, [SERVICE_BOARD, SERVICE_HOST, SERVICE_PORT, SERVICE_CLIENT, SERVICE_SECRET.length].join(' '));\nprocess.exit(3);\n`,
	);
	const byProgram = (spec: BoardSpec): BoardSpec => ({
		...spec,
		network: { client: 'sensor-17' },
		type: { ...spec.type, network: spec.type.network && { ...spec.type.network, lines: undefined, command: [process.execPath, program] } },
	});
	const { board } = await openBench(t, { spec: byProgram });
	await t.throwsAsync(board.network?.connect(WITHIN) as Promise<void>, { code: 'network', message: /was to tell it where the update service is: exit code 3/ });
	t.regex(readFileSync(told, 'utf8'), /^net-1 127\.0\.0\.1 \d+ sensor-17 24$/);
});

test('an address that this machine has not is an error that lists those it has', async (t) => {
	await using service = new BoardService();
	const spec = openRigFile(NETWORK_RIG).boards[0] as BoardSpec;
	await t.throwsAsync(service.uplink(spec, { interface: 'eth77', port: 0 }), {
		message: /^service: interface eth77 was expected to have an IPv4 address, this machine has .*lo 127\.0\.0\.1/,
	});
	await t.throwsAsync((await service.uplink(spec, { host: '203.0.113.7', port: 0 })).address(), {
		message: /^service: 203\.0\.113\.7:0 was to be listened on for boards: .*EADDRNOTAVAIL/,
	});
});

test('a run and a sweep on a board that never comes to the service end as faults of the rig, with the reason', async (t) => {
	const type = readFileSync(new URL('../../../../rigs/types/virtual-net.yaml', import.meta.url), 'utf8');
	const folder = makeFolder(t, {
		'deaf.yaml': type.replace('net {host} {port} {client} {secret}', 'version').replace('connect: 15s', 'connect: 1s'),
		'rig.yaml': 'schema: rig/v1\nrig: deaf\nboards:\n  d: { type: ./deaf.yaml, backend: virtual }\n',
	});
	const run = await startBlackstart(folder, ['run', 'board-cut-once', '--rig', 'rig.yaml', '--out', 'run']);
	t.is(run.exitCode, 3, run.stdout);
	const [verdict = ''] = Object.values(readVerdicts(join(folder, 'run')));
	t.regex(
		verdict,
		/^errored: BoardError: board d: it was told to connect to 127\.0\.0\.1:\d+ as d, and is not there after 1000 ms: the service saw no connection of it/,
	);
	const sweep = await startBlackstart(folder, ['sweep', '--rig', 'rig.yaml', '--cuts', '2', '--out', 'sweep', '--json']);
	t.is(sweep.exitCode, 3, sweep.stderr);
	t.regex((JSON.parse(sweep.stdout) as { readonly rigFaults: readonly string[] }).rigFaults[0] ?? '', /is not there after 1000 ms/);
});
