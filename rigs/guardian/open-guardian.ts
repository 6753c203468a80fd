import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { GpioLine, GpioPort, PowerPort, PowerState, PowerSwitched } from '../../harness/ports/index.js';
import type { GpioOptions } from '../drivers/gpio/gpio-options.js';
import type { PowerOptions } from '../drivers/power/power-options.js';
import { GuardianError } from './guardian-error.js';
import { HEARTBEAT_MS } from './heartbeat.js';
import type { FromGuardian, GuardianCall, SafePower, ToGuardian } from './message.js';

export interface GuardianOptions {
	/** Where the guardian writes what it did, in particular after the runner is gone; none where undefined. */
	readonly logFile?: string;
}

/** How long a guardian may take to start, to answer beyond a driver's own deadline, and to end. */
const START_WITHIN_MS = 10_000;
const CALL_WITHIN_MS = 15_000;
const END_WITHIN_MS = 30_000;

/** Starts the process that owns the rig's lines and supplies, so that they are made safe whatever becomes of this one. */
export const openGuardian = async ({ logFile }: GuardianOptions = {}): Promise<Guardian> => {
	const entry = fileURLToPath(new URL('./guardian-process.js', import.meta.url));
	// A session of its own: an interrupt at the terminal, or the end of it, is not the guardian's.
	const child = spawn(process.execPath, [entry, ...(logFile === undefined ? [] : [logFile])], {
		stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
		detached: true,
	});
	const guardian = new Guardian(child);
	await guardian.started();
	return guardian;
};

interface Pending {
	readonly settle: (message: Extract<FromGuardian, { readonly id: number }>) => void;
	readonly fail: (error: Error) => void;
}

export class Guardian implements AsyncDisposable {
	readonly pid: number | undefined;
	readonly #child: ChildProcess;
	readonly #lost = new AbortController();
	readonly #pending = new Map<number, Pending>();
	readonly #beats: NodeJS.Timeout;
	readonly #started: Promise<void>;
	#id = 0;
	#ended = false;

	constructor(child: ChildProcess) {
		this.#child = child;
		this.pid = child.pid;
		this.#beats = setInterval(() => this.#send({ beat: true }), HEARTBEAT_MS);
		this.#started = new Promise((resolve, reject) => {
			const timer = setTimeout(() => reject(new GuardianError('start', `the guardian did not start in ${START_WITHIN_MS} ms`)), START_WITHIN_MS);
			this.#lost.signal.addEventListener('abort', () => {
				clearTimeout(timer);
				reject(this.#lost.signal.reason);
			});
			child.on('message', (message: FromGuardian) => {
				if (!('ready' in message)) return this.#settle(message);
				clearTimeout(timer);
				resolve();
			});
		});
		this.#started.catch(() => undefined);
		child.on('error', (error) => this.#lose(`could not be started: ${error.message}`));
		child.on('exit', (code, signal) => this.#lose(signal === null ? `ended with ${code}` : `was ended by ${signal}`));
		child.on('disconnect', () => this.#lose('closed its channel'));
	}

	/** Aborted, with a GuardianError, when the guardian is gone: no line or supply can be trusted from then on. */
	get lost(): AbortSignal {
		return this.#lost.signal;
	}

	async started(): Promise<void> {
		try {
			await this.#started;
		} catch (error) {
			await this[Symbol.asyncDispose]();
			throw error;
		}
	}

	/** Lines are brought back to the level they were opened at when the runner is gone, then released. */
	async openGpio(options: GpioOptions): Promise<GpioPort> {
		const { id: gpio, value } = await this.#call({ call: 'open-gpio', options });
		return { description: `${String(value)}; held by the guardian`, openLine: (request) => this.#openLine(gpio, request) };
	}

	/** Rejects with what the driver rejects with, its name and code kept. */
	async openPower(options: PowerOptions, { safe }: { readonly safe: SafePower }): Promise<GuardedPower> {
		const { id: power, value } = await this.#call({ call: 'open-power', options, safe });
		const deadlineMs = 2 * options.withinMs + options.offTimeMs + CALL_WITHIN_MS;
		return new GuardedPower(String(value), {
			ask: async (what) => (await this.#call({ call: 'power', power, what }, deadlineMs)).value,
			close: async () => void (await this.#call({ call: 'close-power', power })),
			isOpen: () => !this.#ended && !this.lost.aborted,
		});
	}

	/** Makes everything safe and waits for the guardian's end; kills it where it does not come. */
	async [Symbol.asyncDispose](): Promise<void> {
		if (this.#ended) return;
		const exited = new Promise<void>((resolve) => {
			if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) resolve();
			else this.#child.once('exit', () => resolve());
		});
		const ending = this.lost.aborted ? Promise.resolve() : this.#call({ call: 'end' }, END_WITHIN_MS).then(() => undefined);
		this.#ended = true;
		const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_WITHIN_MS);
		await ending.catch(() => undefined);
		await exited;
		clearTimeout(timer);
		clearInterval(this.#beats);
	}

	async #openLine(gpio: number, request: Parameters<GpioPort['openLine']>[0]): Promise<GpioLine> {
		const { id: line, value } = await this.#call({ call: 'open-line', gpio, request });
		let closed = false;
		return {
			name: String(value),
			set: async (active) => void (await this.#call({ call: 'set-line', line, active })),
			get: async () => (await this.#call({ call: 'get-line', line })).value === true,
			[Symbol.asyncDispose]: async () => {
				if (closed || this.#ended || this.lost.aborted) return;
				closed = true;
				await this.#call({ call: 'close-line', line });
			},
		};
	}

	#call(call: GuardianCall, withinMs: number = CALL_WITHIN_MS): Promise<{ readonly id: number; readonly value: unknown }> {
		const id = ++this.#id;
		return new Promise((resolve, reject) => {
			if (this.lost.aborted) return reject(this.lost.reason);
			if (this.#ended) return reject(new GuardianError('closed', 'the guardian was closed'));
			const timer = setTimeout(() => {
				this.#pending.delete(id);
				reject(new GuardianError('timeout', `the guardian did not answer ${call.call} in ${withinMs} ms`));
			}, withinMs);
			this.#pending.set(id, {
				settle: (message) => {
					clearTimeout(timer);
					if (message.ok) resolve({ id, value: message.value });
					else reject(new GuardianError(message.error.code, message.error.message, { name: message.error.name }));
				},
				fail: (error) => {
					clearTimeout(timer);
					reject(error);
				},
			});
			this.#send({ id, ...call });
		});
	}

	#send(message: ToGuardian): void {
		if (this.#child.connected) this.#child.send(message, () => undefined);
	}

	#settle(message: Extract<FromGuardian, { readonly id: number }>): void {
		const pending = this.#pending.get(message.id);
		this.#pending.delete(message.id);
		pending?.settle(message);
	}

	#lose(how: string): void {
		clearInterval(this.#beats);
		if (this.lost.aborted) return;
		const error = new GuardianError('lost', `the guardian ${how}: lines and supplies are no longer held`);
		for (const { fail } of this.#pending.values()) fail(error);
		this.#pending.clear();
		this.#lost.abort(error);
	}
}

interface PowerChannel {
	ask(what: 'on' | 'off' | 'cycle' | 'observe' | 'commanded'): Promise<unknown>;
	close(): Promise<void>;
	isOpen(): boolean;
}

/** A supply whose driver lives in the guardian. */
export class GuardedPower implements PowerPort, AsyncDisposable {
	readonly description: string;
	readonly #channel: PowerChannel;
	#commanded: PowerState | 'unknown' = 'unknown';

	constructor(description: string, channel: PowerChannel) {
		this.description = description;
		this.#channel = channel;
	}

	get commanded(): PowerState | 'unknown' {
		return this.#commanded;
	}

	on(): Promise<PowerSwitched> {
		return this.#switch('on');
	}

	off(): Promise<PowerSwitched> {
		return this.#switch('off');
	}

	cycle(): Promise<PowerSwitched> {
		return this.#switch('cycle');
	}

	async observe(): Promise<PowerState | 'unknown'> {
		return (await this.#channel.ask('observe')) as PowerState | 'unknown';
	}

	/** Leaves the supply as it is. */
	async [Symbol.asyncDispose](): Promise<void> {
		if (this.#channel.isOpen()) await this.#channel.close();
	}

	async #switch(what: 'on' | 'off' | 'cycle'): Promise<PowerSwitched> {
		this.#commanded = what === 'off' ? 'unpowered' : 'powered';
		return (await this.#channel.ask(what)) as PowerSwitched;
	}
}
