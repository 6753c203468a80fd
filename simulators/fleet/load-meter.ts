import type { BlackstartEvent } from '../../harness/events/index.js';
import type { Clock, Timer } from '../../harness/time/index.js';

const EVERY_MS = 1_000;
/** Twice the longest wait between two attempts to connect. */
const WATCH_MS = 120_000;

export interface LoadMeterOptions {
	readonly clock: Clock;
	readonly record: (event: BlackstartEvent) => void;
	/** What was asked for so far. */
	readonly read: () => LoadReading;
	/** The network segment that is counted; the whole fleet by default. */
	readonly segment?: string;
}

export interface LoadReading {
	/** Attempts to connect. */
	readonly connects: number;
	/** Messages to the service, requests for blocks aside. */
	readonly requests: number;
}

/** One outage, from its end on. */
interface Watch {
	readonly outage: { readonly affected: number; readonly outageMs: number };
	/** The most in one second. */
	readonly peak: { connects: number; requests: number };
}

/** Counts what a fleet, or a segment of it, asks of the service in each second of the time after an outage; otherwise it costs nothing. */
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
			if (this.#outages > 0) return;
			const watch: Watch = { outage: { affected, outageMs: clock.nowMs - beganMs }, peak: { connects: 0, requests: 0 } };
			this.#watch(watch, { leftMs: WATCH_MS, before: read() });
		};
	}

	#watch(watch: Watch, { leftMs, before }: { readonly leftMs: number; readonly before: LoadReading }): void {
		const { clock, record, read, segment } = this.#options;
		if (leftMs <= 0) return this.#recordPeak(watch);
		this.#timer = clock.after(EVERY_MS, () => {
			const now = read();
			const connects = now.connects - before.connects;
			const requests = now.requests - before.requests;
			const { outage, peak } = watch;
			peak.connects = Math.max(peak.connects, connects);
			peak.requests = Math.max(peak.requests, requests);
			if (connects + requests > 0)
				record({ kind: 'fleet-load', at: clock.nowMs, connects, requests, ...outage, ...(segment === undefined ? {} : { segment }) });
			this.#watch(watch, { leftMs: leftMs - EVERY_MS, before: now });
		});
	}

	/** For people: the judge has every second. */
	#recordPeak({ outage, peak }: Watch): void {
		const { record, segment } = this.#options;
		const name = `busiest seconds after an outage of ${outage.outageMs / 1_000} s${segment === undefined ? '' : ` of ${segment}`}`;
		record({ kind: 'scenario-evidence', name, value: `${peak.connects} dials, ${peak.requests} requests, of ${outage.affected} devices` });
	}
}
