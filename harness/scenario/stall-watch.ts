import type { ScenarioHost } from './host.js';

const PERIOD_MS = 100;
/** Of the devices' time: shorter than what any of them waits for an answer. */
const MOST_STALL_MS = 5_000;
/** Of the wall: what collecting garbage takes is no stall, however fast the devices' time goes. */
const LEAST_STALL_MS = 300;

/** Watches, where time is real, that the process gets on: what devices and broker do while it does not is late through no fault of theirs. */
export class StallWatch {
	readonly #stop: () => void;
	readonly #speed: number;
	#lastMs: number;
	#worstMs = 0;

	/** `speed`: how many times faster the devices' time goes than the wall's. */
	constructor(host: Pick<ScenarioHost, 'every' | 'nowMs'>, { speed }: { readonly speed: number }) {
		this.#speed = speed;
		this.#lastMs = host.nowMs();
		const look = (): void => {
			const nowMs = host.nowMs();
			this.#worstMs = Math.max(this.#worstMs, nowMs - this.#lastMs - PERIOD_MS);
			this.#lastMs = nowMs;
		};
		this.#stop = host.every(PERIOD_MS, look);
	}

	/** Ends the watch; returns what the worst stall was, in words, where it was long enough to be to blame. */
	finish(): string | undefined {
		this.#stop();
		const lostMs = Math.round(this.#worstMs * this.#speed);
		if (lostMs < MOST_STALL_MS || this.#worstMs < LEAST_STALL_MS) return undefined;
		return `the harness stood still for ${Math.round(this.#worstMs)} ms, in which ${lostMs} ms of the devices' time passed: fewer devices, a lower --speed or a machine with less to do`;
	}
}
