import { stat } from 'node:fs/promises';
import type { SerialPort } from 'serialport';
import { monotonicMs } from '../monotonic.js';
import { ConsoleError } from './console-error.js';
import { clearHupcl, type ModemLines, setModemLines } from './modem-lines.js';
import { DEFAULT_LOCK_FOLDER, PortLock } from './port-lock.js';

export interface SerialLinkOptions {
	/** Where the port is now: its path may be another after each time it was gone. Rejects while it is absent. */
	readonly resolvePort: () => Promise<string>;
	readonly baudRate: number;
	readonly lines: ModemLines;
	readonly lockFolder?: string;
}

export interface SerialLinkEvents {
	readonly bytes: (chunk: Uint8Array, atMs: number) => void;
	readonly dropped: (reason: string) => void;
	/** Another program has the port for a while. */
	readonly lent: () => void;
	readonly reopened: (path: string) => void;
}

const RETRY_MS = { first: 20, longest: 500 } as const;
const PRESENCE_MS = 250;
const CLOSE_WITHIN_MS = 2000;

/** The one owner of a serial port: reads it from its opening on, and opens it anew, by identity, whenever it was gone. */
export class SerialLink implements AsyncDisposable {
	readonly #options: SerialLinkOptions;
	readonly #events: SerialLinkEvents;
	#lines: ModemLines;
	#port: SerialPort | undefined;
	#lock: PortLock | undefined;
	#presence: NodeJS.Timeout | undefined;
	#retry: NodeJS.Timeout | undefined;
	#opening: Promise<void> = Promise.resolve();
	#closed = false;
	#waiting: (() => void)[] = [];
	#absence = '';
	/** Its transmit line is held low. */
	#breaks = false;

	private constructor(options: SerialLinkOptions, events: SerialLinkEvents) {
		this.#options = options;
		this.#events = events;
		this.#lines = options.lines;
	}

	static async open(options: SerialLinkOptions, events: SerialLinkEvents): Promise<SerialLink> {
		const link = new SerialLink(options, events);
		await link.#openPort();
		return link;
	}

	get path(): string | undefined {
		return this.#port?.path;
	}

	/** Why there is no port at present; empty while there is. */
	get absence(): string {
		return this.#port === undefined ? this.#absence : '';
	}

	/** Waits for the port where it is gone, and until the bytes left. */
	async write(bytes: Uint8Array, { withinMs }: { readonly withinMs: number }): Promise<void> {
		const deadlineMs = monotonicMs() + withinMs;
		const port = await this.#present(deadlineMs);
		await this.#within(deadlineMs, `${bytes.length} bytes were not sent in ${withinMs} ms`, (done) => {
			port.write(Buffer.from(bytes), (error) => {
				if (error !== null && error !== undefined) {
					this.#lose(port, error.message);
					return done(error);
				}
				port.drain((drainError) => done(drainError ?? undefined));
			});
		});
	}

	async setLines(lines: { readonly dtr: boolean; readonly rts: boolean }): Promise<void> {
		if (this.#lines === 'none') throw new ConsoleError('modem-lines', `port ${this.path ?? ''}: has no modem lines by its type`);
		this.#lines = lines;
		await setModemLines(await this.#present(monotonicMs() + CLOSE_WITHIN_MS), lines);
	}

	/** Holds the transmit line low, also over a reopening, so that it does not feed a board without power through its input. */
	async setBreak(active: boolean): Promise<void> {
		if (this.#lines === 'none') return;
		this.#breaks = active;
		if (this.#port !== undefined) await setModemLines(this.#port, { ...this.#lines, brk: active });
	}

	get breaks(): boolean {
		return this.#breaks;
	}

	/**
	 * Lets another program have the port for as long as `use` goes on, then opens it anew, by identity, within `withinMs`. The lock stays ours; what is
	 * written meanwhile waits. Rejects as `use` does, once the port is back.
	 */
	async lend<Value>(use: (path: string) => Promise<Value>, { withinMs }: { readonly withinMs: number }): Promise<Value> {
		const port = await this.#present(monotonicMs() + withinMs);
		clearInterval(this.#presence);
		this.#port = undefined;
		this.#absence = 'another program has the port';
		await closePort(port);
		this.#events.lent();
		try {
			return await use(port.path);
		} finally {
			this.#scheduleRetry(0);
			await this.#present(monotonicMs() + withinMs);
		}
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (this.#closed) return;
		this.#closed = true;
		clearTimeout(this.#retry);
		await this.#opening;
		await this.#release();
		this.#wake();
	}

	async #openPort(): Promise<void> {
		const path = await this.#resolve();
		const { SerialPort } = await import('serialport');
		const kept = this.#lock?.path === path ? this.#lock : undefined;
		if (kept === undefined) this.#lock?.[Symbol.dispose]();
		const lock = kept ?? this.#takeLock(path);
		const port = new SerialPort({ path, baudRate: this.#options.baudRate, autoOpen: false, lock: true, hupcl: false });
		port.on('error', () => undefined);
		try {
			await new Promise<void>((resolve, reject) => port.open((error) => (error === null || error === undefined ? resolve() : reject(toAbsent(path, error)))));
			port.on('data', (chunk: Buffer) => this.#events.bytes(chunk, monotonicMs()));
			port.on('close', (error: Error | null) => this.#lose(port, error?.message ?? 'closed'));
			if (this.#lines !== 'none') {
				await setModemLines(port, { ...this.#lines, brk: this.#breaks });
				await clearHupcl(port);
			}
		} catch (error) {
			lock[Symbol.dispose]();
			this.#lock = undefined;
			await closePort(port);
			throw error;
		}
		this.#port = port;
		this.#lock = lock;
		this.#watchPresence(port);
		this.#wake();
	}

	async #resolve(): Promise<string> {
		try {
			return await this.#options.resolvePort();
		} catch (error) {
			throw error instanceof ConsoleError ? error : new ConsoleError('absent', error instanceof Error ? error.message : String(error), { cause: error });
		}
	}

	#takeLock(path: string): PortLock {
		try {
			return new PortLock(path, this.#options.lockFolder ?? DEFAULT_LOCK_FOLDER);
		} catch (error) {
			throw error instanceof ConsoleError ? error : toAbsent(path, error);
		}
	}

	/** A port that was unplugged may read as an endless row of nothings, and serialport then says nothing either: look at its node. */
	#watchPresence(port: SerialPort): void {
		this.#presence = setInterval(() => {
			void stat(port.path).catch(() => {
				if (this.#port === port) this.#lose(port, 'its device is gone');
			});
		}, PRESENCE_MS);
		this.#presence.unref();
	}

	#lose(port: SerialPort, reason: string): void {
		if (this.#port !== port || this.#closed) return;
		this.#absence = reason;
		void this.#release();
		this.#events.dropped(reason);
		this.#scheduleRetry(RETRY_MS.first);
	}

	#scheduleRetry(delayMs: number): void {
		if (this.#closed) return;
		this.#retry = setTimeout(() => {
			this.#opening = this.#openPort().then(
				() => this.#events.reopened(this.path ?? ''),
				(error: unknown) => {
					this.#absence = error instanceof Error ? error.message : String(error);
					this.#scheduleRetry(Math.min(2 * delayMs, RETRY_MS.longest));
				},
			);
		}, delayMs);
	}

	async #release(): Promise<void> {
		clearInterval(this.#presence);
		const port = this.#port;
		this.#port = undefined;
		this.#lock?.[Symbol.dispose]();
		this.#lock = undefined;
		if (port !== undefined) await closePort(port);
	}

	async #present(deadlineMs: number): Promise<SerialPort> {
		while (this.#port === undefined) {
			if (this.#closed) throw new ConsoleError('closed', 'the console was closed');
			const leftMs = deadlineMs - monotonicMs();
			if (leftMs <= 0) throw new ConsoleError('absent', `the port did not come back in time: ${this.#absence}`);
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, leftMs);
				this.#waiting.push(() => {
					clearTimeout(timer);
					resolve();
				});
			});
		}
		return this.#port;
	}

	#wake(): void {
		for (const wake of this.#waiting.splice(0)) wake();
	}

	#within(deadlineMs: number, late: string, start: (done: (error?: Error) => void) => void): Promise<void> {
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => reject(new ConsoleError('timeout', `port ${this.path ?? ''}: ${late}`)), Math.max(1, deadlineMs - monotonicMs()));
			start((error) => {
				clearTimeout(timer);
				if (error === undefined) resolve();
				else reject(new ConsoleError('absent', `port ${this.path ?? ''}: cannot be written: ${error.message}`, { cause: error }));
			});
		});
	}
}

const toAbsent = (path: string, error: unknown): ConsoleError =>
	new ConsoleError(
		error instanceof Error && /lock/i.test(error.message) ? 'locked' : 'absent',
		`port ${path}: cannot be opened: ${error instanceof Error ? error.message : String(error)}`,
		{ cause: error },
	);

const closePort = async (port: SerialPort): Promise<void> => {
	port.removeAllListeners('data');
	if (!port.isOpen) return;
	await new Promise<void>((resolve) => {
		const timer = setTimeout(resolve, CLOSE_WITHIN_MS);
		port.close(() => {
			clearTimeout(timer);
			resolve();
		});
	});
};
