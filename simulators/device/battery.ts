import type { DeviceFault } from '../../harness/faults/index.js';
import type { Clock } from '../../harness/time/index.js';

/** How often a device whose battery is too low for an update looks at it again. */
export const CHARGE_EVERY_MS = 600_000;

type BatteryLow = Extract<DeviceFault, { kind: 'battery-low' }>;

/**
 * The battery of a device that has one. It is full but for a fault, which drains it to a level from where it charges evenly.
 * What runs from it is small beside what an update takes, so that nothing else drains it.
 */
export class Battery {
	/** Told of the first reading that a fault has lowered, in words. */
	onLow: ((reading: string) => void) | undefined;
	readonly #clock: Clock;
	readonly #updatesFromPercent: number;
	#drained: { readonly atMs: number; readonly percent: number; readonly chargesForMs: number } | undefined;
	#told = true;

	constructor(options: { readonly clock: Clock /** An update that finds less charge waits. */; readonly updatesFromPercent: number }) {
		this.#clock = options.clock;
		this.#updatesFromPercent = options.updatesFromPercent;
	}

	/** Whole percent. */
	get percent(): number {
		const percent = this.#level();
		if (percent < 100) this.#tell(`${percent} % was read`);
		return percent;
	}

	/** Whether it holds too little for an update: for the download, and for the swap and the trial that must not be broken off. */
	get isTooLow(): boolean {
		const percent = this.#level();
		if (percent >= this.#updatesFromPercent) return false;
		this.#tell(`${percent} % was read, and an update waits for ${this.#updatesFromPercent} %`);
		return true;
	}

	drain({ percent, afterMs, forMs }: BatteryLow): void {
		this.#clock.after(Math.max(1, afterMs), () => {
			this.#drained = { atMs: this.#clock.nowMs, percent, chargesForMs: forMs };
			this.#told = false;
		});
	}

	#level(): number {
		if (this.#drained === undefined) return FULL_PERCENT;
		const { atMs, percent, chargesForMs } = this.#drained;
		return Math.min(FULL_PERCENT, Math.floor(percent + ((FULL_PERCENT - percent) * (this.#clock.nowMs - atMs)) / chargesForMs));
	}

	#tell(reading: string): void {
		if (this.#told) return;
		this.#told = true;
		this.onLow?.(reading);
	}
}

const FULL_PERCENT = 100;
