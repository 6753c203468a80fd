import type { Clock, Timer } from './clock.js';
import { ConditionList } from './condition-list.js';
import { InstantQueue } from './instant-queue.js';
import { VirtualTimeError } from './virtual-time-error.js';

/** An instant's longest chain of immediates before it counts as work that never ends. */
const LIVELOCK_ROUNDS = 1_000_000;

/**
 * Time that jumps from one due instant to the next. Instants are whole milliseconds and every delay is at least
 * one, as with Node's timers. Callbacks of one instant run in the order they were scheduled; after each, Node
 * drains `process.nextTick` and promises, as it does between its own timers.
 */
export class VirtualClock implements Clock {
	readonly #startEpochMs: number;
	readonly #turn: Turn;
	readonly #queue = new InstantQueue<Task>();
	readonly #conditions = new ConditionList();
	readonly #sleeping = new Map<Task, string>();
	readonly #tally: TaskTally = { cancelled: 0, due: 0 };
	#immediates: Task[] = [];
	#nowMs = 0;
	#rounds = 0;
	#failure: VirtualTimeError | undefined;

	/** `turn` runs a callback in a fresh turn of the real event loop. */
	constructor(options: { readonly startEpochMs: number; readonly turn: Turn }) {
		this.#startEpochMs = options.startEpochMs;
		this.#turn = options.turn;
	}

	get nowMs(): number {
		return this.#nowMs;
	}

	get epochMs(): number {
		return this.#startEpochMs + this.#nowMs;
	}

	after(delayMs: number, callback: () => void): Timer {
		return this.schedule(delayMs, callback);
	}

	/** As `after`, and gives the task itself: what the process-wide timers are built on. */
	schedule(delayMs: number, callback: () => void): Task {
		if (this.#tally.cancelled > FEWEST_TO_CLEAR && this.#tally.cancelled * 2 > this.#queue.size) this.#clearCancelled();
		const task = new Task(callback, this.#tally);
		this.#queue.add(this.#nowMs + wholeDelay(delayMs), task);
		return task;
	}

	/** Runs `callback` at this instant, after what runs now. */
	scheduleImmediate(callback: () => void): Task {
		const task = new Task(callback);
		this.#immediates.push(task);
		return task;
	}

	sleep(delayMs: number, label = 'a sleeper'): Promise<void> {
		return new Promise((resolve) => {
			const task = this.schedule(delayMs, () => {
				this.#sleeping.delete(task);
				resolve();
			});
			this.#sleeping.set(task, label);
		});
	}

	until(condition: () => boolean, options: { readonly withinMs: number; readonly label: string }): Promise<void> {
		const deadlineMs = this.#nowMs + wholeDelay(options.withinMs);
		const met = this.#conditions.add(condition, { ...options, deadlineMs });
		// An instant must exist at the deadline, or the wait could outlive everything that is due.
		this.schedule(options.withinMs, () => {});
		this.scheduleImmediate(() => {});
		return met;
	}

	/** Runs instant after instant until `isDone`; rejects on deadlock, livelock, a throwing callback or the limit. */
	async drive(isDone: () => boolean, options: { readonly limitMs: number }): Promise<void> {
		// A first turn without work: what the caller does next still belongs to this instant.
		await this.#run([]);
		while (!isDone()) {
			if (this.#failure) throw this.#failure;
			const ready = this.#immediates.length === 0 && this.#conditions.check(this.#nowMs);
			await this.#run(ready ? [] : this.#takeBatch(options.limitMs));
		}
	}

	/** The immediates of this instant, or the callbacks of the next. */
	#takeBatch(limitMs: number): readonly Task[] {
		if (this.#immediates.length > 0) {
			if (++this.#rounds > LIVELOCK_ROUNDS) throw this.#fail('livelock', `work at ${this.#nowMs} ms never ends: ${LIVELOCK_ROUNDS} rounds of immediates`);
			const batch = this.#immediates;
			this.#immediates = [];
			return batch;
		}
		while (this.#queue.next?.every(isCancelled)) this.#queue.takeNext();
		const nextMs = this.#queue.nextMs;
		// What is due in the background alone, such as a broker's heartbeat, brings nothing that is awaited.
		if (nextMs === undefined || this.#tally.due === 0)
			throw this.#fail('deadlock', `deadlock at ${this.#nowMs} ms: nothing is due, and these wait: ${this.#awaited()}`);
		if (nextMs > limitMs) throw this.#fail('limit', `the world's limit of ${limitMs} ms was reached; these still wait: ${this.#awaited()}`);
		this.#nowMs = nextMs;
		this.#rounds = 0;
		return this.#queue.takeNext();
	}

	/** Runs a batch, each task in a turn of its own, and resolves in the turn after the last. */
	#run(batch: readonly Task[]): Promise<void> {
		return new Promise((resolve) => {
			for (const task of batch) if (task.live) this.#turn(this.#runTask, task);
			this.#turn(resolve as (none?: unknown) => void);
		});
	}

	readonly #runTask = (task: Task): void => {
		if (this.#failure) return;
		const callback = task.take();
		if (!callback) return;
		try {
			callback();
		} catch (cause) {
			const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
			this.#failure = new VirtualTimeError('callback-threw', { message: `a timer's callback threw at ${this.#nowMs} ms: ${text}`, atMs: this.#nowMs, cause });
		}
	};

	/** Most timers are deadlines that nobody meets: kept until they are due, they would be most of the queue. */
	#clearCancelled(): void {
		this.#queue.keep((task) => task.live);
		this.#tally.cancelled = 0;
	}

	#awaited(): string {
		const labels = [...this.#conditions.labels, ...this.#sleeping.values()];
		return labels.length > 0 ? labels.join('; ') : 'the scenario itself (a promise that nothing will settle)';
	}

	#fail(code: VirtualTimeError['code'], message: string): VirtualTimeError {
		const error = new VirtualTimeError(code, { message, atMs: this.#nowMs });
		this.#conditions.abandon(error);
		return error;
	}
}

/** Runs a callback in a fresh turn of the real event loop, in the order asked, with `process.nextTick` and promises drained before each. */
export type Turn = <Argument>(callback: (argument: Argument) => void, argument?: Argument) => void;

/** How many tasks of a clock are cancelled and still queued, and how many are due that someone may wait for. */
interface TaskTally {
	cancelled: number;
	due: number;
}

/** One callback that is due once. */
export class Task implements Timer {
	/** Undefined once it has run or was cancelled, so that what it holds can go. */
	#callback: (() => void) | undefined;
	readonly #tally: TaskTally | undefined;
	#background = false;

	constructor(callback: () => void, tally?: TaskTally) {
		this.#callback = callback;
		this.#tally = tally;
		if (tally) tally.due++;
	}

	get live(): boolean {
		return this.#callback !== undefined;
	}

	/** Hands out the callback, once. */
	take(): (() => void) | undefined {
		const callback = this.#callback;
		this.#callback = undefined;
		if (callback && this.#tally && !this.#background) this.#tally.due--;
		return callback;
	}

	cancel(): void {
		if (this.take() && this.#tally) this.#tally.cancelled++;
	}

	/** Whether nobody waits for it: a timer that its library would not keep a process alive for. */
	setBackground(background: boolean): void {
		if (this.live && this.#tally && background !== this.#background) this.#tally.due += background ? -1 : 1;
		this.#background = background;
	}
}

const FEWEST_TO_CLEAR = 1_000;

const isCancelled = (task: Task): boolean => !task.live;

/** Whole milliseconds, at least 1; anything that is no positive number counts as 1, as in Node. */
export const wholeDelay = (delayMs: number): number => (delayMs >= 1 ? Math.trunc(delayMs) : 1);
