import { connect, type Socket } from 'node:net';
import { messageOf } from '../deadline.js';
import { PowerError } from './power-error.js';
import type { PowerDriverOptions } from './power-options.js';
import type { PowerSwitch } from './power-switch.js';
import { parseQmp } from './qmp-message.js';

/**
 * A QEMU machine over QMP: off stops it between two instructions, on resets it and lets it run, so that it boots anew from the flash it had.
 * `query-status` says which.
 */
export const openQemuPower = async ({ qmpSocket }: Extract<PowerDriverOptions, { readonly driver: 'qemu' }>): Promise<PowerSwitch> => {
	const qmp = await Qmp.open(qmpSocket);
	return {
		description: `QEMU machine behind ${qmpSocket}`,
		set: async (powered, { signal }) => {
			if (!powered) return void (await qmp.execute('stop', signal));
			await qmp.execute('system_reset', signal);
			await qmp.execute('cont', signal);
		},
		read: async ({ signal }) => {
			const status = await qmp.execute('query-status', signal);
			if (typeof status === 'object' && status !== null && 'running' in status && typeof status.running === 'boolean')
				return status.running ? 'powered' : 'unpowered';
			throw new PowerError('refused', `QEMU ${qmpSocket}: query-status: running was expected, came ${JSON.stringify(status)}`);
		},
		[Symbol.asyncDispose]: () => qmp[Symbol.asyncDispose](),
	};
};

interface Pending {
	readonly resolve: (value: unknown) => void;
	readonly reject: (error: unknown) => void;
}

class Qmp implements AsyncDisposable {
	readonly #socket: Socket;
	readonly #path: string;
	readonly #pending = new Map<number, Pending>();
	#id = 0;
	#rest = '';

	private constructor(socket: Socket, path: string) {
		this.#socket = socket;
		this.#path = path;
		socket.setEncoding('utf8');
		socket.on('data', (text: string) => this.#take(text));
		socket.on('error', () => undefined);
		socket.on('close', () => this.#fail('closed the connection'));
	}

	static async open(path: string): Promise<Qmp> {
		const socket = connect(path);
		await new Promise<void>((resolve, reject) => {
			socket.once('connect', () => resolve());
			socket.once('error', (error) => reject(new PowerError('unreachable', `QEMU ${path}: ${messageOf(error)}`, { cause: error })));
		});
		const qmp = new Qmp(socket, path);
		try {
			await qmp.execute('qmp_capabilities', AbortSignal.timeout(3000));
		} catch (error) {
			socket.destroy();
			throw error instanceof PowerError ? error : new PowerError('timeout', `QEMU ${path}: no answer to qmp_capabilities`, { cause: error });
		}
		return qmp;
	}

	execute(command: string, signal: AbortSignal): Promise<unknown> {
		const id = ++this.#id;
		return new Promise((resolve, reject) => {
			if (this.#socket.destroyed) return reject(new PowerError('unreachable', `QEMU ${this.#path}: is gone`));
			const abort = (): void => {
				this.#pending.delete(id);
				reject(signal.reason);
			};
			signal.addEventListener('abort', abort, { once: true });
			const settled =
				<Value>(settle: (value: Value) => void) =>
				(value: Value): void => {
					signal.removeEventListener('abort', abort);
					settle(value);
				};
			this.#pending.set(id, { resolve: settled(resolve), reject: settled(reject) });
			this.#socket.write(`${JSON.stringify({ execute: command, id })}\n`);
		});
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#socket.destroy();
	}

	#take(text: string): void {
		const lines = (this.#rest + text).split('\n');
		this.#rest = lines.pop() ?? '';
		for (const line of lines) {
			const message = parseQmp(line);
			if (message?.id === undefined) continue;
			const pending = this.#pending.get(message.id);
			this.#pending.delete(message.id);
			if (message.error === undefined) pending?.resolve(message.value);
			else pending?.reject(new PowerError('refused', `QEMU ${this.#path}: ${message.error}`));
		}
	}

	#fail(how: string): void {
		for (const { reject } of this.#pending.values()) reject(new PowerError('unreachable', `QEMU ${this.#path}: ${how}`));
		this.#pending.clear();
	}
}
