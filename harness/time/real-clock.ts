import type { Clock, Timer } from './clock.js';
import { ConditionList } from './condition-list.js';
import { realTime } from './real-time.js';

const CONDITION_POLL_MS = 5;
/** The longest delay that Node's own timers take. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface RealClockOptions {
	/** Seconds of this clock in each second of the wall. Default 1. */
	readonly speed?: number;
	/** What the clock of the day says at its start. Default: what the wall's does. */
	readonly startEpochMs?: number;
	/** Tells whole milliseconds alone. Default false. */
	readonly wholeMs?: boolean;
}

/** The wall's clock, or one so many times as fast. Its instants are whatever the event loop makes of them; conditions are asked every few milliseconds. */
export class RealClock implements Clock {
	readonly #startedMs = realTime.nowMs();
	readonly #conditions = new ConditionList();
	readonly #speed: number;
	readonly #startEpochMs: number;
	readonly #wholeMs: boolean;
	/** What is still to be called. */
	readonly #timers = new Set<NodeJS.Timeout>();
	#polling = false;
	#stopped = false;

	/** Throws a RangeError for a speed that is not above 0. */
	constructor({ speed = 1, startEpochMs = realTime.epochMs(), wholeMs = false }: RealClockOptions = {}) {
		if (!(speed > 0)) throw new RangeError(`speed: above 0 was expected, got ${speed}`);
		this.#speed = speed;
		this.#startEpochMs = startEpochMs;
		this.#wholeMs = wholeMs;
	}

	get nowMs(): number {
		return this.#wholeMs ? Math.floor(this.#exactMs) : this.#exactMs;
	}

	get #exactMs(): number {
		return (realTime.nowMs() - this.#startedMs) * this.#speed;
	}

	get epochMs(): number {
		return Math.floor(this.#startEpochMs + this.nowMs);
	}

	/** Never early by this clock, as Node's own timers may be by a millisecond. */
	after(delayMs: number, callback: () => void): Timer {
		const dueMs = this.#exactMs + delayMs;
		let timer: NodeJS.Timeout | undefined;
		const forget = (): void => {
			if (timer === undefined) return;
			realTime.clearTimeout(timer);
			this.#timers.delete(timer);
		};
		const wait = (restMs: number): void => {
			if (this.#stopped) return;
			timer = realTime.setTimeout(
				() => {
					forget();
					const leftMs = dueMs - this.#exactMs;
					if (leftMs > 0) wait(leftMs);
					else callback();
				},
				Math.min(restMs / this.#speed, LONGEST_TIMER_MS),
			);
			this.#timers.add(timer);
		};
		wait(delayMs);
		return { cancel: forget };
	}

	/** Calls nobody any more: what is left would keep the process alive for as long as it waits. */
	stop(): void {
		this.#stopped = true;
		for (const timer of this.#timers) realTime.clearTimeout(timer);
		this.#timers.clear();
	}

	sleep(delayMs: number): Promise<void> {
		return new Promise((resolve) => {
			this.after(delayMs, resolve);
		});
	}

	until(condition: () => boolean, options: { readonly withinMs: number; readonly label: string }): Promise<void> {
		const met = this.#conditions.add(condition, { ...options, deadlineMs: this.nowMs + options.withinMs });
		this.#poll();
		return met;
	}

	#poll(): void {
		if (this.#polling) return;
		this.#conditions.check(this.nowMs);
		if (this.#conditions.labels.length === 0) return;
		this.#polling = true;
		this.after(CONDITION_POLL_MS * this.#speed, () => {
			this.#polling = false;
			this.#poll();
		});
	}
}
