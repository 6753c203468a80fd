import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { LineRequest } from '../../../harness/protocols/line-socket/index.js';

export interface ChipEntry {
	readonly line: string;
	/** Of the pin; null: undriven. */
	readonly level: boolean | null;
}

/** A chip of lines behind a socket, with the rules of the kernel's: a connection holds what it requested, and nobody else may. */
export interface TestChip extends AsyncDisposable {
	readonly levels: Map<string, boolean | null>;
	/** Every change of a pin, in order: what a glitch would show up in. */
	readonly history: ChipEntry[];
	/** Resolves when a pin has that level. */
	until(line: string, level: boolean | null): Promise<void>;
	/** Answers in place of the chip; undefined leaves it to the chip. */
	misbehave: ((request: LineRequest) => string | undefined) | undefined;
	dropConnections(): void;
}

export const openTestChip = async (socketPath: string, lines: readonly string[]): Promise<TestChip> => {
	const levels = new Map<string, boolean | null>(lines.map((line) => [line, null]));
	const history: ChipEntry[] = [];
	const holders = new Map<string, { readonly socket: Socket; readonly activeLow: boolean; readonly input: boolean }>();
	const sockets = new Set<Socket>();
	const waits: { readonly line: string; readonly level: boolean | null; readonly met: () => void }[] = [];
	const drive = (line: string, level: boolean | null): void => {
		levels.set(line, level);
		history.push({ line, level });
		for (const wait of waits) if (wait.line === line && wait.level === level) wait.met();
	};
	const chip: TestChip = {
		levels,
		history,
		until: (line, level) => (levels.get(line) === level ? Promise.resolve() : new Promise((resolve) => waits.push({ line, level, met: resolve }))),
		misbehave: undefined,
		dropConnections: () => {
			for (const socket of sockets) socket.destroy();
		},
		[Symbol.asyncDispose]: async () => {
			for (const socket of sockets) socket.destroy();
			server.close();
			await once(server, 'close');
		},
	};
	const answer = (socket: Socket, request: LineRequest): object => {
		const { id, line } = request;
		const atNs = String(process.hrtime.bigint());
		const holder = holders.get(line);
		if (!levels.has(line)) return { id, ok: false, error: `no line ${line}` };
		if (request.op === 'request') {
			if (holder !== undefined) return { id, ok: false, error: `line ${line} is held by another connection` };
			holders.set(line, { socket, activeLow: request.activeLow, input: request.output === null });
			if (request.output !== null) drive(line, request.output !== request.activeLow);
			return { id, ok: true, value: request.output ?? (levels.get(line) ?? false) !== request.activeLow };
		}
		if (holder?.socket !== socket) return { id, ok: false, error: `line ${line} was not requested` };
		if (request.op === 'get') return { id, ok: true, value: (levels.get(line) ?? false) !== holder.activeLow, atNs };
		if (holder.input) return { id, ok: false, error: `line ${line} is an input` };
		drive(line, request.value !== holder.activeLow);
		return { id, ok: true, value: request.value, atNs };
	};
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on('error', () => undefined);
		socket.on('close', () => {
			sockets.delete(socket);
			for (const [line, holder] of holders) {
				if (holder.socket !== socket) continue;
				holders.delete(line);
				if (!holder.input) drive(line, null);
			}
		});
		createInterface({ input: socket }).on('line', (text) => {
			const request = JSON.parse(text) as LineRequest;
			const lie = chip.misbehave?.(request);
			socket.write(lie ?? `${JSON.stringify(answer(socket, request))}\n`);
		});
	});
	server.listen(socketPath);
	await once(server, 'listening');
	return chip;
};
