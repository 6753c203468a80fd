import { connect, type Socket } from 'node:net';
import type { GpioLine, GpioLineRequest, GpioPort } from '../../../harness/ports/index.js';
import type { LineAnswer, LineRequest } from '../../../harness/protocols/line-socket/index.js';
import { GpioError } from './gpio-error.js';

const DEFAULT_WITHIN_MS = 2000;
/** Longest line of JSON that a chip may send. */
const LONGEST_ANSWER_BYTES = 64 * 1024;

type Unnumbered<Request> = Request extends LineRequest ? Omit<Request, 'id'> : never;
type Answered = Extract<LineAnswer, { readonly ok: true }>;

/** Lines of a chip behind a local socket. Each line has a connection of its own, so that closing one leaves the others held. */
export class LineSocketGpio implements GpioPort {
	readonly description: string;
	readonly #socketPath: string;
	readonly #withinMs: number;

	constructor({ socketPath, withinMs = DEFAULT_WITHIN_MS }: { readonly socketPath: string; readonly withinMs?: number }) {
		this.#socketPath = socketPath;
		this.#withinMs = withinMs;
		this.description = `a virtual chip behind the socket ${socketPath}, as the rig file says`;
	}

	async openLine({ chip, line, activeLow, direction, drive, consumer }: GpioLineRequest): Promise<GpioLine> {
		const name = `${chip}/${line}`;
		if (drive !== 'push-pull' && drive !== 'open-drain') throw new TypeError(`${name}: drive: expected push-pull or open-drain, got ${String(drive)}`);
		const connection = await Connection.open({ socketPath: this.#socketPath, withinMs: this.#withinMs, name });
		try {
			await connection.ask({ op: 'request', line, consumer, activeLow, output: direction === 'input' ? null : direction.output });
		} catch (error) {
			await connection[Symbol.asyncDispose]();
			throw error;
		}
		return {
			name,
			set: async (active) => {
				if (direction === 'input') throw new GpioError('refused', `${name}: is an input`);
				const { value } = await connection.ask({ op: 'set', line, value: active });
				if (value !== active) throw new GpioError('refused', `${name}: set to ${active}, and the chip says ${value}`);
			},
			get: async () => (await connection.ask({ op: 'get', line })).value,
			[Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
		};
	}
}

interface Pending {
	readonly answer: (answer: LineAnswer) => void;
	readonly fail: (error: GpioError) => void;
}

class Connection implements AsyncDisposable {
	readonly #socket: Socket;
	readonly #name: string;
	readonly #withinMs: number;
	readonly #pending = new Map<number, Pending>();
	#id = 0;
	#rest = '';
	#failure: GpioError | undefined;

	private constructor(socket: Socket, { name, withinMs }: { readonly name: string; readonly withinMs: number }) {
		this.#socket = socket;
		this.#name = name;
		this.#withinMs = withinMs;
		socket.setEncoding('utf8');
		socket.on('data', (text: string) => this.#take(text));
		socket.on('error', () => undefined);
		socket.on('close', () => this.#fail(new GpioError('lost', `${name}: the chip closed the connection, and the line is undriven`)));
	}

	static async open({ socketPath, name, withinMs }: { readonly socketPath: string; readonly name: string; readonly withinMs: number }): Promise<Connection> {
		const socket = connect(socketPath);
		await new Promise<void>((resolve, reject) => {
			const refuse = (why: string, cause?: Error): void => {
				socket.destroy();
				reject(new GpioError('unavailable', `${name}: no chip answers on the socket ${socketPath}: ${why}`, { cause }));
			};
			const timer = setTimeout(() => refuse(`nothing in ${withinMs} ms`), withinMs);
			socket.once('error', (error) => {
				clearTimeout(timer);
				refuse(error.message, error);
			});
			socket.once('connect', () => {
				clearTimeout(timer);
				resolve();
			});
		});
		return new Connection(socket, { name, withinMs });
	}

	async ask(request: Unnumbered<LineRequest>): Promise<Answered> {
		if (this.#failure !== undefined) throw this.#failure;
		const id = ++this.#id;
		const answer = await new Promise<LineAnswer>((resolve, reject) => {
			const timer = setTimeout(() => {
				this.#pending.delete(id);
				reject(new GpioError('timeout', `${this.#name}: ${request.op}: the chip did not answer in ${this.#withinMs} ms`));
			}, this.#withinMs);
			this.#pending.set(id, {
				answer: (value) => {
					clearTimeout(timer);
					resolve(value);
				},
				fail: (error) => {
					clearTimeout(timer);
					reject(error);
				},
			});
			this.#socket.write(`${JSON.stringify({ id, ...request })}\n`);
		});
		if (answer.ok) return answer;
		throw new GpioError(codeOf(answer.error), `${this.#name}: ${request.op}: ${answer.error}`);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#fail(new GpioError('closed', `${this.#name}: the line was closed`));
		if (this.#socket.destroyed) return;
		await new Promise<void>((resolve) => {
			const timer = setTimeout(() => this.#socket.destroy(), this.#withinMs);
			this.#socket.once('close', () => {
				clearTimeout(timer);
				resolve();
			});
			this.#socket.end();
		});
	}

	#take(text: string): void {
		const lines = (this.#rest + text).split('\n');
		this.#rest = lines.pop() ?? '';
		if (this.#rest.length > LONGEST_ANSWER_BYTES) this.#break(`an answer of more than ${LONGEST_ANSWER_BYTES} bytes`);
		for (const line of lines) {
			const answer = parseAnswer(line);
			if (answer === undefined) return this.#break(`no answer of the line socket: ${JSON.stringify(line.slice(0, 200))}`);
			const pending = this.#pending.get(answer.id);
			this.#pending.delete(answer.id);
			pending?.answer(answer);
		}
	}

	#break(what: string): void {
		this.#fail(new GpioError('refused', `${this.#name}: the chip sent ${what}`));
		this.#socket.destroy();
	}

	#fail(error: GpioError): void {
		this.#failure ??= error;
		for (const { fail } of this.#pending.values()) fail(this.#failure);
		this.#pending.clear();
	}
}

const codeOf = (error: string): 'unknown' | 'busy' | 'refused' => {
	if (/\bbusy\b|\bheld\b|in use/i.test(error)) return 'busy';
	return /unknown|no such|no line/i.test(error) ? 'unknown' : 'refused';
};

const parseAnswer = (line: string): LineAnswer | undefined => {
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch {
		return undefined;
	}
	if (typeof value !== 'object' || value === null || !('id' in value) || typeof value.id !== 'number' || !('ok' in value)) return undefined;
	if (value.ok === false && 'error' in value && typeof value.error === 'string') return { id: value.id, ok: false, error: value.error };
	if (value.ok !== true || !('value' in value) || typeof value.value !== 'boolean') return undefined;
	const atNs = 'atNs' in value && typeof value.atNs === 'string' ? { atNs: value.atNs } : {};
	return { id: value.id, ok: true, value: value.value, ...atNs };
};
