import { VirtualTimeError } from './virtual-time-error.js';

/** Conditions that someone awaits, with what each is called in a report. */
export class ConditionList {
	#waiting: Waiter[] = [];

	get labels(): readonly string[] {
		return this.#waiting.map((waiter) => waiter.label);
	}

	add(condition: () => boolean, options: { readonly deadlineMs: number; readonly withinMs: number; readonly label: string }): Promise<void> {
		return new Promise((resolve, reject) => {
			this.#waiting.push({ condition, ...options, resolve, reject });
		});
	}

	/** Settles those that hold now, and those whose deadline has passed; true where that settled any. */
	check(nowMs: number): boolean {
		if (this.#waiting.length === 0) return false;
		const still = this.#waiting.filter((waiter) => !settle(waiter, nowMs));
		const settledAny = still.length < this.#waiting.length;
		this.#waiting = still;
		return settledAny;
	}

	/** Rejects all that still wait. */
	abandon(error: Error): void {
		const waiting = this.#waiting;
		this.#waiting = [];
		for (const waiter of waiting) waiter.reject(error);
	}
}

interface Waiter {
	readonly condition: () => boolean;
	readonly deadlineMs: number;
	readonly withinMs: number;
	readonly label: string;
	readonly resolve: () => void;
	readonly reject: (error: unknown) => void;
}

const settle = (waiter: Waiter, nowMs: number): boolean => {
	try {
		if (waiter.condition()) {
			waiter.resolve();
			return true;
		}
	} catch (error) {
		waiter.reject(error);
		return true;
	}
	if (nowMs < waiter.deadlineMs) return false;
	waiter.reject(new VirtualTimeError('timeout', { message: `${waiter.label}: not within ${waiter.withinMs} ms`, atMs: nowMs }));
	return true;
};
