import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReadStream } from 'node:tty';
import * as nodePty from '@lydell/node-pty';
import { openVirtualBoard } from '../../../simulators/board/index.js';
import { openSerialConsole } from '../../../rigs/drivers/console/index.js';
import { openGuardian } from '../../../rigs/guardian/index.js';
import { realTime } from '../../time/index.js';
import type { BoardMeasurement } from './board-bench.js';
import { measureUsage } from './usage.js';

const WITHIN_MS = 60_000;
/** 3 Mbaud, ten bits a byte. */
const FLOOD_BYTES_PER_MS = 300;
const TICK_MS = 5;

/** A console that is read, written to disk, cut into lines, searched and watched while its board says as much as a line of 3 Mbaud carries. */
export const measureConsoleFlood = async ({ seconds = 10 }: { readonly seconds?: number } = {}): Promise<BoardMeasurement> => {
	const folder = await mkdtemp(join(tmpdir(), 'blackstart-bench-'));
	const pty = openPty();
	try {
		const recordFile = join(folder, 'console.log');
		const text = Buffer.alloc(FLOOD_BYTES_PER_MS * TICK_MS, 'a board that floods its console, a line as long as they come: 0123456789\r\n');
		const sent = (seconds * 1000) / TICK_MS;
		await using console = await openSerialConsole({ name: 'flood', baudRate: 3_000_000, lines: 'none', resolvePort: async () => pty.path, recordFile });
		using watch = console.watch({ panic: ['Guru Meditation', /assert failed: .*/], reboot: [/rst:0x[0-9a-f]+/] });
		let lines = 0;
		console.onLine(() => lines++);
		const { result: lateMs, usage } = await measureUsage(async () => {
			const end = console.expect(/end of (\w+)\r\n/, { withinMs: WITHIN_MS + seconds * 1000 });
			const startedMs = realTime.nowMs();
			for (let tick = 0; tick < sent; tick++) {
				await pty.write(text);
				const aheadMs = startedMs + (tick + 1) * TICK_MS - realTime.nowMs();
				if (aheadMs > 0) await sleep(aheadMs);
			}
			await pty.write(Buffer.from('\r\nend of flood\r\n'));
			const writtenMs = realTime.nowMs();
			await end;
			return realTime.nowMs() - writtenMs;
		});
		watch.assertClean();
		const wanted = Buffer.concat([...Array.from({ length: sent }, () => text), Buffer.from('\r\nend of flood\r\n')]);
		const kept = await readFile(recordFile);
		if (!kept.equals(wanted)) throw new Error(`console flood: ${wanted.length} bytes were sent, ${kept.length} are in the file, or others`);
		const megabytes = wanted.length / 1e6;
		return {
			devices: 1,
			usage,
			notes: [
				`${megabytes.toFixed(1)} MB at ${(megabytes / usage.wallS).toFixed(2)} MB/s (3 Mbaud carry 0.30), no byte lost, ${lines} lines; ${((100 * usage.cpuS) / usage.wallS).toFixed(0)} % of a core with the sender; last match ${lateMs.toFixed(1)} ms behind`,
			],
		};
	} finally {
		await pty.close();
		await rm(folder, { recursive: true, force: true });
	}
};

/** From the arrival of a marker on a virtual board's console to the order to cut its power, given by the guardian over its chip's socket. */
export const measureCutLatency = async ({ cuts = 40 }: { readonly cuts?: number } = {}): Promise<BoardMeasurement> => {
	await using board = await openVirtualBoard({ name: 'bench-cuts', seed: 1 });
	await using guardian = await openGuardian();
	await using console = await openSerialConsole({ name: 'bench-cuts', baudRate: 500_000, lines: 'none', resolvePort: async () => board.ttyPath });
	const gpio = { way: 'line-socket', socketPath: board.lineSocketPath } as const;
	const timings = { offTimeMs: 0, settleMs: 0, withinMs: WITHIN_MS };
	const line = { chip: 'virtual', line: 'POWER', activeLow: false };
	const sensedBy = { kind: 'gpio-in', gpio, line: { chip: 'virtual', line: 'SENSE', activeLow: false } } as const;
	const power = await guardian.openPower({ driver: 'virtual', name: 'bench-cuts', gpio, line, sensedBy, ...timings }, { safe: 'unpowered' });
	const { result, usage } = await measureUsage(async () => {
		const commandedMs: number[] = [];
		const observedMs: number[] = [];
		for (let cut = 0; cut < cuts; cut++) {
			const start = console.mark();
			await power.on();
			const triggerMs = (await console.expect('boot: start', { withinMs: WITHIN_MS, from: start })).end.atMs;
			const { commandedAtMs, observedAtMs = Number.NaN } = await power.off();
			commandedMs.push(commandedAtMs - triggerMs);
			observedMs.push(observedAtMs - triggerMs);
		}
		return { commandedMs, observedMs };
	});
	return { devices: 1, usage, notes: [`marker to commanded cut: ${spread(result.commandedMs)}`, `marker to observed cut: ${spread(result.observedMs)}`] };
};

const spread = (values: readonly number[]): string => {
	const sorted = [...values].sort((a, b) => a - b);
	return `median ${(sorted[sorted.length >> 1] ?? 0).toFixed(2)} ms, worst ${(sorted.at(-1) ?? 0).toFixed(2)} ms of ${sorted.length}`;
};

const sleep = (delayMs: number): Promise<void> =>
	new Promise((resolve) => {
		realTime.setTimeout(resolve, delayMs);
	});

interface PtyPair {
	readonly master: ReadStream;
	readonly slave: ReadStream;
	readonly ptsName: string;
	/** Of the master. */
	readonly fd: number;
}

/** The board's side of a kernel tty. */
const openPty = () => {
	const { master, slave, ptsName, fd } = (nodePty as unknown as { open(options: object): PtyPair }).open({ encoding: null });
	const held = openSync(ptsName, constants.O_RDWR | constants.O_NOCTTY);
	slave.destroy();
	return {
		path: ptsName,
		write: async (bytes: Buffer): Promise<void> => {
			for (let written = 0; written < bytes.length; ) {
				try {
					written += writeSync(fd, bytes, written);
				} catch (error) {
					if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
					await sleep(1);
				}
			}
		},
		close: async (): Promise<void> => {
			closeSync(held);
			await new Promise<void>((resolve) => {
				master.once('close', () => resolve());
				master.destroy();
			});
		},
	};
};
