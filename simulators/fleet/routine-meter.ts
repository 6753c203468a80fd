import type { BlackstartEvent } from '../../harness/events/index.js';
import type { Clock } from '../../harness/time/index.js';

/** Finds the busiest second of what devices do by their own timers. */
export class RoutineMeter {
	readonly #clock: Clock;
	readonly #everyMs: number;
	#second = -1;
	#count = 0;
	#busiest = 0;
	#busiestAt = 0;

	constructor(options: { readonly clock: Clock /** How often each device reports itself. */; readonly everyMs: number }) {
		this.#clock = options.clock;
		this.#everyMs = options.everyMs;
	}

	/** A device reports itself because its timer says so. */
	count(): void {
		const { nowMs } = this.#clock;
		const second = Math.floor(nowMs / 1_000);
		this.#count = second === this.#second ? this.#count + 1 : 1;
		this.#second = second;
		if (this.#count <= this.#busiest) return;
		this.#busiest = this.#count;
		this.#busiestAt = nowMs;
	}

	tell(devices: number): BlackstartEvent {
		return { kind: 'fleet-routine', at: this.#clock.nowMs, everyMs: this.#everyMs, devices, busiest: this.#busiest, busiestAt: this.#busiestAt };
	}
}
