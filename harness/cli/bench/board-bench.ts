import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface, type Interface } from 'node:readline';
import { openSerialConsole, type SerialConsole } from '../../../rigs/drivers/console/index.js';
import { crc16, measureEmulation, openVirtualBoard, type VirtualBoard, virtualBoardReleases } from '../../../simulators/board/index.js';
import { realTime } from '../../time/index.js';
import { measureUsage, type Usage } from './usage.js';

export interface BoardMeasurement {
	readonly devices: number;
	readonly usage: Usage;
	readonly notes: readonly string[];
}

const RUNS = 5;
const MHZ = 1e6;
const PAGE_BYTES = 128;
const WITHIN_MS = 120_000;
const BAUD_RATE = 500_000;

export const measureBoardEmulation = async (): Promise<BoardMeasurement> => {
	measureEmulation();
	const { result, usage } = await measureUsage(async () => Array.from({ length: RUNS }, measureEmulation).reduce((sum, { cycles }) => sum + cycles, 0));
	return {
		devices: 1,
		usage,
		notes: [`${(result / MHZ / usage.cpuS).toFixed(0)} MHz emulated for each core (the board has 16), waiting loops and sleep jumped over`],
	};
};

/** Boards in processes of their own; the CPU told is theirs and that of this process. */
export const measureBoards = async (count: number): Promise<BoardMeasurement> => {
	const boards = await Promise.all(Array.from({ length: count }, (_, index) => openVirtualBoard({ name: `bench-${index}`, seed: index })));
	try {
		const seats = await Promise.all(boards.map(takeSeat));
		const image = virtualBoardReleases().candidate().images[0]?.bytes as Uint8Array;
		const lap = async (work: (seat: Seat) => Promise<void>): Promise<number> => {
			const startedMs = realTime.nowMs();
			await Promise.all(seats.map(work));
			return (realTime.nowMs() - startedMs) / 1000;
		};
		const { result, usage } = await measureUsage(async () => ({
			bootS: await lap(async (seat) => {
				await seat.ask({ op: 'request', line: 'POWER', consumer: 'bench', activeLow: false, output: true });
				await seat.expect('> ');
			}),
			updateS: await lap((seat) => upload(seat, image)),
			installS: await lap(async (seat) => {
				await seat.console.send('reboot\r');
				await seat.expect('app: confirmed');
			}),
		}));
		const states = await Promise.all(seats.map((seat) => seat.ask({ op: 'status' })));
		const cpuS = states.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / 1000;
		const slippedS = Math.max(...states.map(({ slippedMs }) => slippedMs)) / 1000;
		await Promise.all(seats.map((seat) => seat.leave()));
		return {
			devices: count,
			usage: { ...usage, cpuS: usage.cpuS + cpuS },
			notes: [
				`all at the prompt after ${result.bootS.toFixed(1)} s, updated over serial after another ${result.updateS.toFixed(1)} s, confirmed after another ${result.installS.toFixed(1)} s; the board most behind lost ${slippedS.toFixed(1)} s to the host`,
			],
		};
	} finally {
		await Promise.all(boards.map((board) => board[Symbol.asyncDispose]()));
	}
};

interface Status {
	readonly cpuMs: number;
	readonly slippedMs: number;
}

/** Somebody at a board's console and lines. */
interface Seat {
	readonly console: SerialConsole;
	ask(order: Readonly<Record<string, unknown>>): Promise<Status>;
	expect(text: string): Promise<void>;
	leave(): Promise<void>;
}

const takeSeat = async (board: VirtualBoard): Promise<Seat> => {
	const console = await openSerialConsole({ name: board.name, resolvePort: async () => board.ttyPath, baudRate: BAUD_RATE, lines: 'none' });
	const socket = connect(board.lineSocketPath);
	await once(socket, 'connect');
	const answers = createInterface({ input: socket });
	return {
		console,
		ask: (order) => askBoard(order, { socket, answers }),
		expect: async (text) => void (await console.expect(text, { withinMs: WITHIN_MS })),
		async leave() {
			answers.close();
			socket.destroy();
			await console[Symbol.asyncDispose]();
		},
	};
};

const askBoard = async (
	order: Readonly<Record<string, unknown>>,
	{ socket, answers }: { readonly socket: Socket; readonly answers: Interface },
): Promise<Status> => {
	const answered = once(answers, 'line') as Promise<[string]>;
	socket.write(`${JSON.stringify({ id: 1, ...order })}\n`);
	return JSON.parse((await answered)[0]) as Status;
};

const upload = async (seat: Seat, image: Uint8Array): Promise<void> => {
	await seat.console.send('update\r');
	await seat.expect('update ready');
	for (let page = 0; page * PAGE_BYTES < image.length; page++) {
		const block = Uint8Array.of(0, page, ...image.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES));
		await seat.console.send(`:${Buffer.from(block).toString('hex')}${crc16(block).toString(16).padStart(4, '0')}\r`);
		await seat.expect(`+${page.toString(16).padStart(4, '0')}\r\n`);
	}
	await seat.console.send('end\r');
	await seat.expect('> ');
	await seat.console.send('try\r');
	await seat.expect('ok\r\n> ');
};
