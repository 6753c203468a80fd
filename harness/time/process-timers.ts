import { performance as processPerformance } from 'node:perf_hooks';
import type { Random } from './random.js';
import { realTime } from './real-time.js';
import { type Task, type VirtualClock, wholeDelay } from './virtual-clock.js';

/**
 * Puts a virtual clock in the place of the process's timers, `Date`, `performance.now` and `Math.random`, so that
 * libraries run on it unchanged; returns what puts the real ones back. `process.nextTick` and promises stay real.
 */
export const replaceProcessTime = (clock: VirtualClock, random: Random): (() => void) => {
	const timers = createTimers(clock);
	const replaced = { ...timers, Date: createDate(clock) };
	const original = Object.fromEntries(Object.keys(replaced).map((name) => [name, Reflect.get(globalThis, name)]));
	const originalRandom = Math.random;
	const originalEpoch = realTime.Date.now;
	Object.assign(globalThis, replaced);
	Math.random = () => random.next();
	realTime.Date.now = () => clock.epochMs;
	processPerformance.now = () => clock.nowMs;
	return () => {
		Object.assign(globalThis, original);
		Math.random = originalRandom;
		realTime.Date.now = originalEpoch;
		Reflect.deleteProperty(processPerformance, 'now');
	};
};

type Callback = (...values: unknown[]) => void;

const createTimers = (clock: VirtualClock) => {
	const byId = new Map<number, ProcessTimer>();
	const clear = (timer: unknown): void => {
		if (timer instanceof ProcessTimer) timer.close();
		else byId.get(Number(timer))?.close();
	};
	const start = (callback: Callback, options: { delayMs: number | undefined; values: unknown[]; repeats: boolean }): ProcessTimer => {
		if (typeof callback !== 'function') throw new TypeError(`the callback must be a function, got ${typeof callback}`);
		return new ProcessTimer(clock, { callback, values: options.values, delayMs: Number(options.delayMs ?? 1), repeats: options.repeats, byId });
	};
	return {
		setTimeout: (callback: Callback, delayMs?: number, ...values: unknown[]) => start(callback, { delayMs, values, repeats: false }),
		setInterval: (callback: Callback, delayMs?: number, ...values: unknown[]) => start(callback, { delayMs, values, repeats: true }),
		setImmediate: (callback: Callback, ...values: unknown[]) =>
			new ProcessImmediate(clock.scheduleImmediate(values.length === 0 ? callback : () => callback(...values))),
		clearTimeout: clear,
		clearInterval: clear,
		clearImmediate: (immediate: unknown) => {
			if (immediate instanceof ProcessImmediate) immediate.cancel();
		},
	};
};

/** What `setTimeout` and `setInterval` return: Node's Timeout, as far as programs use it. */
class ProcessTimer {
	static #nextId = 1;
	readonly #clock: VirtualClock;
	readonly #options: {
		readonly callback: Callback;
		readonly values: unknown[];
		readonly delayMs: number;
		readonly repeats: boolean;
		readonly byId: Map<number, ProcessTimer>;
	};
	#task: Task;
	/** Later than the task's own instant where the timer was refreshed: a broker refreshes one at every packet. */
	#dueMs = 0;
	#background = false;
	#id: number | undefined;

	constructor(clock: VirtualClock, options: { callback: Callback; values: unknown[]; delayMs: number; repeats: boolean; byId: Map<number, ProcessTimer> }) {
		this.#clock = clock;
		this.#options = options;
		this.#task = this.#schedule(options.delayMs);
	}

	ref(): this {
		return this.#setBackground(false);
	}

	unref(): this {
		return this.#setBackground(true);
	}

	hasRef(): boolean {
		return !this.#background;
	}

	refresh(): this {
		if (this.#task.live) this.#dueMs = this.#clock.nowMs + wholeDelay(this.#options.delayMs);
		else this.#task = this.#schedule(this.#options.delayMs);
		return this;
	}

	close(): this {
		this.#task.cancel();
		if (this.#id !== undefined) this.#options.byId.delete(this.#id);
		return this;
	}

	[Symbol.dispose](): void {
		this.close();
	}

	[Symbol.toPrimitive](): number {
		this.#id ??= ProcessTimer.#nextId++;
		this.#options.byId.set(this.#id, this);
		return this.#id;
	}

	#setBackground(background: boolean): this {
		this.#background = background;
		this.#task.setBackground(background);
		return this;
	}

	#schedule(delayMs: number): Task {
		this.#dueMs = this.#clock.nowMs + wholeDelay(delayMs);
		const task = this.#clock.schedule(delayMs, () => this.#run());
		task.setBackground(this.#background);
		return task;
	}

	#run(): void {
		const { callback, values, delayMs, repeats, byId } = this.#options;
		const leftMs = this.#dueMs - this.#clock.nowMs;
		if (leftMs > 0) {
			this.#task = this.#schedule(leftMs);
			return;
		}
		if (repeats) this.#task = this.#schedule(delayMs);
		else if (this.#id !== undefined) byId.delete(this.#id);
		callback(...values);
	}
}

class ProcessImmediate {
	readonly #task: Task;

	constructor(task: Task) {
		this.#task = task;
	}

	ref(): this {
		return this;
	}

	unref(): this {
		return this;
	}

	hasRef(): boolean {
		return true;
	}

	cancel(): void {
		this.#task.cancel();
	}

	[Symbol.dispose](): void {
		this.cancel();
	}
}

const createDate = (clock: VirtualClock): DateConstructor =>
	new Proxy(realTime.Date, {
		construct: (target, values, newTarget) => Reflect.construct(target, values.length > 0 ? values : [clock.epochMs], newTarget) as object,
		apply: (target) => new target(clock.epochMs).toString(),
	});
