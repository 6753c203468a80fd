import type { Clock, Timer } from '../../harness/time/index.js';

export interface BrokerWatchOptions {
	readonly clock: Clock;
	/** Seconds of the clock in each of the wall's. */
	readonly speed: number;
	/** Sends something through the broker and back; nothing where the broker is stopped. */
	readonly probe: (done: () => void) => void;
}

/** Of the wall. */
const EVERY_MS = 250;
/** Of the devices' time: shorter than what any of them waits for an answer. */
const MOST_ROUND_TRIP_MS = 5_000;
/** Of the wall: what a busy machine takes to wake a process is no blockage, however fast the devices' time goes. */
const LEAST_ROUND_TRIP_MS = 300;

/**
 * Watches, where time is real, that messages get through the broker. One that waits behind somebody else's, or a broker that has no
 * processor, is late for every device, through no fault of theirs.
 */
export class BrokerWatch {
	readonly #options: BrokerWatchOptions;
	#timer: Timer | undefined;
	/** When the probe under way was sent. */
	#sentMs: number | undefined;
	#worstMs = 0;

	constructor(options: BrokerWatchOptions) {
		this.#options = options;
		this.#send();
	}

	/** Ends the watch; returns what the worst round trip was, in words, where it was long enough to be to blame. */
	finish(): string | undefined {
		this.#timer?.cancel();
		this.#note();
		const wallMs = this.#worstMs / this.#options.speed;
		if (this.#worstMs < MOST_ROUND_TRIP_MS || wallMs < LEAST_ROUND_TRIP_MS) return undefined;
		return `the broker held a message back for ${Math.round(wallMs)} ms, in which ${Math.round(this.#worstMs)} ms of the devices' time passed: fewer devices, a lower --speed or a broker with less to do`;
	}

	#send(): void {
		const { clock, speed, probe } = this.#options;
		if (this.#sentMs === undefined) {
			const sentMs = clock.nowMs;
			this.#sentMs = sentMs;
			probe(() => {
				if (this.#sentMs !== sentMs) return;
				this.#note();
				this.#sentMs = undefined;
			});
		}
		this.#timer = clock.after(Math.max(1, Math.round(EVERY_MS * speed)), () => this.#send());
	}

	#note(): void {
		if (this.#sentMs !== undefined) this.#worstMs = Math.max(this.#worstMs, this.#options.clock.nowMs - this.#sentMs);
	}
}
