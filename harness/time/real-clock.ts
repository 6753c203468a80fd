import type { Clock, Timer } from './clock.js';
import { ConditionList } from './condition-list.js';
import { realTime } from './real-time.js';

const CONDITION_POLL_MS = 5;

/** The wall's clock. Its instants are whatever the event loop makes of them; conditions are asked every few milliseconds. */
export class RealClock implements Clock {
	readonly #startedMs = realTime.nowMs();
	readonly #conditions = new ConditionList();
	#polling = false;

	get nowMs(): number {
		return realTime.nowMs() - this.#startedMs;
	}

	get epochMs(): number {
		return realTime.epochMs();
	}

	after(delayMs: number, callback: () => void): Timer {
		const timer = realTime.setTimeout(callback, delayMs);
		return { cancel: () => realTime.clearTimeout(timer) };
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
		this.after(CONDITION_POLL_MS, () => {
			this.#polling = false;
			this.#poll();
		});
	}
}
