import { randomUUID } from 'node:crypto';
import { type Clock, RealClock, type Timer } from '../../harness/time/index.js';
import { type BoardName, readBroken } from './broken.js';
import { type Generation, Generations } from './generations.js';
import { LeaseError } from './lease-error.js';
import { fileNameOf } from './lease-files.js';
import { createLeaseRecord, describeHolder, judgeLease, type LeaseRecord, parseLeaseRecord } from './lease-record.js';
import { identifyProcess } from './process-identity.js';
import { type HostOptions, leaseFolder } from './rig-host-folder.js';

export interface LeaseOptions extends HostOptions {
	/** What for, for people who wait. */
	readonly purpose: string;
	/** How long to wait for another holder; 0 does not. */
	readonly waitMs: number;
	/** A holder that cannot be seen and has not renewed for so long is taken for gone; 60 s by default. */
	readonly ttlMs?: number;
	/** Takes a board that is marked broken too, to repair it. */
	readonly evenBroken?: boolean;
	/** Told at first, when the holder changes, and every ten seconds. */
	readonly onWait?: (progress: LeaseWait) => void;
	/** Told when another has it now: everything must stop. */
	readonly onLost?: (error: LeaseError) => void;
	readonly signal?: AbortSignal;
	readonly clock?: Clock;
}

export interface LeaseWait {
	readonly holder: string;
	/** Why it is not free. */
	readonly why: string;
	readonly waitedMs: number;
}

const DEFAULT_TTL_MS = 60_000;
const POLL_MS = 200;
const TELL_EVERY_MS = 10_000;

/** Takes a board for this process alone. Rejects with a LeaseError: `held` after the wait, `broken` at once. */
export const acquireLease = async (board: BoardName, options: LeaseOptions): Promise<Lease> => {
	const { clock = new RealClock(), waitMs, ttlMs = DEFAULT_TTL_MS, onWait, signal } = options;
	const files = new Generations(leaseFolder(options), fileNameOf(board));
	const startMs = clock.nowMs;
	let told = { holder: '', atMs: Number.NEGATIVE_INFINITY };
	for (;;) {
		signal?.throwIfAborted();
		const broken = options.evenBroken === true ? undefined : readBroken(board, options);
		if (broken !== undefined) {
			throw new LeaseError(
				'broken',
				`board ${board.board} of rig ${board.rig}: marked broken since ${broken.since}: ${broken.reason}; \`blackstart rig repair ${board.board}\` brings it back`,
			);
		}
		const previous = files.highest();
		const record = previous === undefined ? undefined : parseLeaseRecord(previous.content);
		const { free, why } = record === undefined ? { free: true, why: '' } : judgeLease(record, clock.epochMs);
		if (free) {
			const own = createLeaseRecord({ token: randomUUID(), purpose: options.purpose, sinceEpochMs: clock.epochMs, expiresEpochMs: clock.epochMs + ttlMs });
			const generation = files.succeed(previous, JSON.stringify(own));
			if (generation !== undefined) return new Lease({ board, files, generation, record: own, clock, ttlMs, onLost: options.onLost });
			continue;
		}
		const holder = record === undefined ? '' : describeHolder(record);
		const waitedMs = clock.nowMs - startMs;
		if (waitedMs >= waitMs) {
			throw new LeaseError('held', `board ${board.board} of rig ${board.rig}: held by ${holder}: ${why}; waited ${Math.round(waitedMs / 1_000)} s`);
		}
		if (holder !== told.holder || clock.nowMs - told.atMs >= TELL_EVERY_MS) {
			told = { holder, atMs: clock.nowMs };
			onWait?.({ holder, why, waitedMs });
		}
		await clock.sleep(Math.min(POLL_MS, waitMs - waitedMs));
	}
};

interface LeaseParts {
	readonly board: BoardName;
	readonly files: Generations;
	readonly generation: Generation;
	readonly record: LeaseRecord;
	readonly clock: Clock;
	readonly ttlMs: number;
	readonly onLost: ((error: LeaseError) => void) | undefined;
}

/** A board that is ours until it is given back, or until the processes that hold it have ended. */
export class Lease implements AsyncDisposable {
	readonly board: BoardName;
	readonly token: string;
	readonly #parts: LeaseParts;
	#record: LeaseRecord;
	#timer: Timer | undefined;
	#ended = false;

	constructor(parts: LeaseParts) {
		this.#parts = parts;
		this.board = parts.board;
		this.token = parts.record.token;
		this.#record = parts.record;
		this.#renewLater();
	}

	get isHeld(): boolean {
		return !this.#ended && this.#isOurs();
	}

	/** Has another process hold it as well, such as the one that makes the board safe when this one is gone. */
	addKeeper(pid: number): void {
		const keeper = identifyProcess(pid);
		if (keeper === undefined) throw new RangeError(`addKeeper: a process that runs was expected, got ${pid}`);
		this.#write({ ...this.#record, keepers: [...this.#record.keepers, keeper] });
	}

	/** Gives it back, where it is still ours. */
	async [Symbol.asyncDispose](): Promise<void> {
		if (this.#ended) return;
		this.#ended = true;
		this.#timer?.cancel();
		if (this.#isOurs()) this.#parts.files.rewrite(this.#parts.generation.number, JSON.stringify({ ...this.#record, held: false }));
	}

	#isOurs(): boolean {
		return this.#parts.files.highest()?.number === this.#parts.generation.number;
	}

	#write(record: LeaseRecord): void {
		this.#record = record;
		if (this.#isOurs()) this.#parts.files.rewrite(this.#parts.generation.number, JSON.stringify(record));
		else this.#lose();
	}

	#renewLater(): void {
		const { clock, ttlMs } = this.#parts;
		this.#timer = clock.after(ttlMs / 3, () => {
			if (this.#ended) return;
			this.#write({ ...this.#record, expiresEpochMs: clock.epochMs + ttlMs });
			if (!this.#ended) this.#renewLater();
		});
	}

	#lose(): void {
		this.#ended = true;
		const { board, onLost } = this.#parts;
		onLost?.(new LeaseError('lost', `board ${board.board} of rig ${board.rig}: another holds it now, since this process had not renewed its lease in time`));
	}
}
