import type { BlackstartEvent } from '../../harness/events/index.js';
import type { Clock, Timer } from '../../harness/time/index.js';

const EVERY_MS = 1_000;
/** Twice the longest wait between two attempts to connect. */
const WATCH_MS = 120_000;

export interface LoadMeterOptions {
	readonly clock: Clock;
	readonly record: (event: BlackstartEvent) => void;
	/** What the fleet asked for so far. */
	readonly read: () => LoadReading;
}

export interface LoadReading {
	/** Attempts to connect. */
	readonly connects: number;
	/** Messages that reached the service, requests for blocks aside. */
	readonly requests: number;
}

/** Counts what a fleet asks of the service in each second of the time after an outage; otherwise it costs nothing. */
export class LoadMeter {
	readonly #options: LoadMeterOptions;
	#timer: Timer | undefined;
	#outages = 0;

	constructor(options: LoadMeterOptions) {
		this.#options = options;
	}

	/** So many devices cannot reach the service, until the function that comes back is called. Where outages overlap, the last that ends begins the count. */
	outageBegan(affected: number): () => void {
		const { clock, read } = this.#options;
		const beganMs = clock.nowMs;
		this.#timer?.cancel();
		this.#outages++;
		return () => {
			this.#outages--;
			if (this.#outages === 0) this.#watch({ affected, outageMs: clock.nowMs - beganMs }, { leftMs: WATCH_MS, before: read() });
		};
	}

	#watch(
		outage: { readonly affected: number; readonly outageMs: number },
		{ leftMs, before }: { readonly leftMs: number; readonly before: LoadReading },
	): void {
		const { clock, record, read } = this.#options;
		if (leftMs <= 0) return;
		this.#timer = clock.after(EVERY_MS, () => {
			const now = read();
			const connects = now.connects - before.connects;
			const requests = now.requests - before.requests;
			if (connects + requests > 0) record({ kind: 'fleet-load', at: clock.nowMs, connects, requests, ...outage });
			this.#watch(outage, { leftMs: leftMs - EVERY_MS, before: now });
		});
	}
}
