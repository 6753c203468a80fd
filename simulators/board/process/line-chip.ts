import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import type { LineRequest } from '../../../harness/protocols/line-socket/index.js';
import { type BoardAnswer, type BoardRequest, LONGEST_LINE_BYTES } from './board-socket.js';

/**
 * One line of the chip: its level when nobody drives it, and what its level does. An output of the board has no `drive`. Several
 * may drive an open-drain line, which is low as soon as one of them pulls it.
 */
export interface ChipLine {
	readonly undriven: boolean;
	readonly isOpenDrain?: boolean;
	readonly drive?: (level: boolean) => void;
	readonly level: () => boolean;
}

/** What an answer holds beside its id. */
export type ChipAnswer = Readonly<Record<string, unknown>>;

export interface LineChipOptions {
	readonly path: string;
	readonly lines: Readonly<Record<string, ChipLine>>;
	/** Requests that are not about lines. What it throws becomes the answer. */
	readonly onRequest: (request: Exclude<BoardRequest, LineRequest>) => ChipAnswer | Promise<ChipAnswer>;
}

/** A board that is its own switch. */
interface SwitchedBoard {
	readonly isPowered: boolean;
	readonly isHeld: boolean;
	setPower(on: boolean): void;
	setReset(held: boolean): void;
}

/** Power, reset and the sense of its rail, as a rig has them. */
export const linesOf = (board: SwitchedBoard): LineChipOptions['lines'] => ({
	POWER: { undriven: false, drive: (level) => board.setPower(level), level: () => board.isPowered },
	RESET: { undriven: true, isOpenDrain: true, drive: (level) => board.setReset(!level), level: () => !board.isHeld },
	SENSE: { undriven: false, level: () => board.isPowered },
});

interface Hold {
	readonly line: string;
	readonly consumer: string;
	readonly activeLow: boolean;
	readonly isOutput: boolean;
	/** What it drives. */
	level: boolean;
}

/** Serves lines on a local socket. Inputs are read by as many as want to. */
export const openLineChip = async (options: LineChipOptions): Promise<AsyncDisposable> => {
	const drivers = new Set<Hold>();
	const connections = new Set<Socket>();
	const server = createServer((socket) => {
		connections.add(socket);
		serve(socket, { ...options, drivers });
		socket.on('close', () => connections.delete(socket));
	});
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(options.path, resolve);
	});
	return {
		async [Symbol.asyncDispose]() {
			for (const connection of connections) connection.destroy();
			await new Promise<void>((resolve) => {
				server.close(() => resolve());
			});
			rmSync(options.path, { force: true });
		},
	};
};

const serve = (socket: Socket, options: LineChipOptions & { readonly drivers: Set<Hold> }): void => {
	const holds = new Map<string, Hold>();
	let received = '';
	let answered: Promise<unknown> = Promise.resolve();
	socket.setEncoding('utf8');
	socket.on('error', () => socket.destroy());
	socket.on('data', (text: string) => {
		received += text;
		const lines = received.split('\n');
		received = lines.pop() as string;
		for (const line of lines) answered = answered.then(async () => socket.write(`${JSON.stringify(await answer(line, { ...options, holds }))}\n`));
		if (received.length > LONGEST_LINE_BYTES) socket.destroy();
	});
	socket.on('close', () => {
		for (const hold of holds.values()) {
			if (!options.drivers.delete(hold)) continue;
			settle(hold.line, options);
		}
	});
};

interface Session extends LineChipOptions {
	readonly drivers: Set<Hold>;
	readonly holds: Map<string, Hold>;
}

const answer = async (text: string, session: Session): Promise<BoardAnswer> => {
	let id = 0;
	try {
		const request = JSON.parse(text) as BoardRequest;
		if (Number.isInteger(request?.id)) id = request.id;
		return { id, ok: true, ...(await carryOut(request, session)) };
	} catch (cause) {
		return { id, ok: false, error: (cause as Error).message };
	}
};

const carryOut = (request: BoardRequest, session: Session): ChipAnswer | Promise<ChipAnswer> => {
	switch (request.op) {
		case 'request':
			return { value: take(request, session) };
		case 'set': {
			const { hold } = held(request.line, session);
			if (!hold.isOutput) throw new Error(`line ${hold.line}: an output was expected, it was requested as an input`);
			if (typeof request.value !== 'boolean') throw new TypeError(`value: true or false was expected, got ${JSON.stringify(request.value)}`);
			hold.level = request.value !== hold.activeLow;
			settle(hold.line, session);
			return { value: request.value, atNs: String(process.hrtime.bigint()) };
		}
		case 'get': {
			const { hold, line } = held(request.line, session);
			return { value: line.level() !== hold.activeLow, atNs: String(process.hrtime.bigint()) };
		}
		default:
			return session.onRequest(request);
	}
};

const take = (request: Extract<LineRequest, { op: 'request' }>, { lines, drivers, holds }: Session): boolean => {
	const line = lines[request.line];
	if (line === undefined) throw new Error(`line ${JSON.stringify(request.line)}: one of ${Object.keys(lines).join(', ')} was expected`);
	if (typeof request.activeLow !== 'boolean') throw new TypeError(`activeLow: true or false was expected, got ${JSON.stringify(request.activeLow)}`);
	const isOutput = typeof request.output === 'boolean';
	if (!isOutput && request.output !== null) throw new TypeError(`output: true, false or null was expected, got ${JSON.stringify(request.output)}`);
	if (holds.has(request.line)) throw new Error(`line ${request.line}: this connection has it already`);
	if (isOutput) {
		if (line.drive === undefined) throw new Error(`line ${request.line}: it is an output of the board and can only be read`);
		const holder = line.isOpenDrain ? undefined : [...drivers].find((driver) => driver.line === request.line);
		if (holder !== undefined) throw new Error(`line ${request.line}: it is held by ${holder.consumer}`);
	}
	const hold: Hold = {
		line: request.line,
		consumer: String(request.consumer),
		activeLow: request.activeLow,
		isOutput,
		level: request.output !== request.activeLow,
	};
	holds.set(request.line, hold);
	if (!isOutput) return line.level() !== hold.activeLow;
	drivers.add(hold);
	settle(request.line, { lines, drivers });
	return request.output as boolean;
};

/** Gives a line the level that its drivers, if it has any, make of it. */
const settle = (name: string, { lines, drivers }: Pick<Session, 'lines' | 'drivers'>): void => {
	const line = lines[name] as ChipLine;
	const levels = [...drivers].filter((driver) => driver.line === name).map((driver) => driver.level);
	line.drive?.(levels.length === 0 ? line.undriven : levels.every(Boolean));
};

const held = (name: string, { holds, lines }: Session): { readonly hold: Hold; readonly line: ChipLine } => {
	const hold = holds.get(name);
	if (hold === undefined) throw new Error(`line ${JSON.stringify(name)}: a request for it was expected first`);
	return { hold, line: lines[name] as ChipLine };
};
