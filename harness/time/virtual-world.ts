import { replaceProcessTime } from './process-timers.js';
import { createRandom, type Random } from './random.js';
import { realTime } from './real-time.js';
import { VirtualClock } from './virtual-clock.js';
import { VirtualTimeError } from './virtual-time-error.js';
import type { World } from './world.js';

/** 2026-01-01T00:00:00Z: where worlds begin unless told otherwise. */
const DEFAULT_START_EPOCH_MS = 1_767_225_600_000;
const OPEN_WORLD = Symbol.for('blackstart.virtual-world');
/** Resources of the process that only real input or output creates. */
const REAL_IO =
	/^(FSReq|FSEvent|StatWatcher|TCP|TLS|UDP|GetAddrInfo|GetNameInfo|HTTP|Crypto|PBKDF2|Scrypt|RandomBytes|RandomPrime|SignRequest|KeyPair|Zlib|Process|DNS|QueryWrap)/;

export interface VirtualWorldOptions {
	readonly seed: string;
	/** What `Date.now()` says when the world opens. */
	readonly startEpochMs?: number;
	/** The last instant the world may reach. */
	readonly limitMs?: number;
}

/** A process whose time is virtual while this is open. One at a time. */
export interface VirtualWorld extends World {
	/**
	 * Starts `main` and runs the world's time until it settles; several may run at once, and time stands still while none
	 * does. Rejects with what `main` rejects with, or with a VirtualTimeError: `deadlock` at once when nothing is due and
	 * `main` still waits, `limit`, `livelock`, `callback-threw`.
	 */
	run<Result>(main: () => Promise<Result>): Promise<Result>;
	/** Kinds of real input or output seen while the world was open: each would break determinism. */
	readonly realIo: readonly string[];
}

/** Opens the process's one virtual world; a second while one is open throws a VirtualTimeError `world-open`. */
export const openVirtualWorld = (options: VirtualWorldOptions): VirtualWorld => new OpenVirtualWorld(options);

class OpenVirtualWorld implements VirtualWorld {
	readonly clock: VirtualClock;
	readonly #root: Random;
	readonly #restore: () => void;
	readonly #resourcesBefore = countRealIo();
	readonly #realIo = new Set<string>();
	readonly #limitMs: number;
	#driving: Promise<void> | undefined;
	/** What time passes for. */
	readonly #running = new Set<symbol>();
	#open = true;

	constructor({ seed, startEpochMs = DEFAULT_START_EPOCH_MS, limitMs = Number.MAX_SAFE_INTEGER }: VirtualWorldOptions) {
		if (Reflect.get(globalThis, OPEN_WORLD)) {
			throw new VirtualTimeError('world-open', { message: 'a virtual world is open already in this process: close it before opening another', atMs: 0 });
		}
		Reflect.set(globalThis, OPEN_WORLD, this);
		this.#limitMs = limitMs;
		this.#root = createRandom(seed);
		this.clock = new VirtualClock({ startEpochMs, turn: realTime.setImmediate });
		this.#restore = replaceProcessTime(this.clock, this.random('process'));
	}

	get realIo(): readonly string[] {
		return [...this.#realIo].sort();
	}

	random(name: string): Random {
		return this.#root.stream(name);
	}

	async run<Result>(main: () => Promise<Result>): Promise<Result> {
		if (!this.#open) throw new VirtualTimeError('closed', { message: 'this virtual world is closed', atMs: this.clock.nowMs });
		const run = Symbol('run');
		this.#running.add(run);
		const result = main().finally(() => this.#running.delete(run));
		this.#driving ??= this.#drive();
		return Promise.race([result, this.#driving.then(() => result)]);
	}

	async #drive(): Promise<void> {
		try {
			await this.clock.drive(() => this.#running.size === 0, { limitMs: this.#limitMs });
		} catch (error) {
			this.#running.clear();
			this.#noteRealIo();
			throw this.#explain(error);
		} finally {
			this.#driving = undefined;
			this.#noteRealIo();
		}
	}

	[Symbol.dispose](): void {
		if (!this.#open) return;
		this.#open = false;
		this.#running.clear();
		this.#noteRealIo();
		this.#restore();
		Reflect.deleteProperty(globalThis, OPEN_WORLD);
	}

	#noteRealIo(): void {
		for (const [kind, count] of countRealIo()) if (count > (this.#resourcesBefore.get(kind) ?? 0)) this.#realIo.add(kind);
	}

	/** A deadlock beside real input or output is most likely the wait for it. */
	#explain(error: unknown): unknown {
		if (!(error instanceof VirtualTimeError) || error.code !== 'deadlock' || this.#realIo.size === 0) return error;
		return new VirtualTimeError('deadlock', {
			message: `${error.message}. Real input or output is under way (${this.realIo.join(', ')}): virtual time does not wait for it`,
			atMs: error.atMs,
			cause: error,
		});
	}
}

const countRealIo = (): ReadonlyMap<string, number> => {
	const counts = new Map<string, number>();
	for (const kind of process.getActiveResourcesInfo()) if (REAL_IO.test(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
	return counts;
};
