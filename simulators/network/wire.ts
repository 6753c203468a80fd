import type { LinkConditions } from '../../harness/faults/index.js';
import type { Random } from '../../harness/time/index.js';

/** TCP payload of one packet on an Ethernet path: 1,500 - 20 - 20. */
export const PACKET_BYTES = 1460;
/** First retransmission timeout (Linux's minimum, TCP_RTO_MIN); it doubles with each further loss of the packet. */
const FIRST_TIMEOUT_MS = 200;
/** A packet is sent this often at most: once and eight times again. */
const MAX_TRANSMISSIONS = 9;

/** When what is sent on one direction arrives: serialisation, latency and jitter, and a stall for each lost packet. */
export class Wire {
	conditions: LinkConditions;
	/** Counted when the loss is drawn, which is before the repeat arrives. */
	retransmissions = 0;
	readonly #random: Random;
	/** Instant of the last arrival laid down: nothing overtakes, and what waits behind a stall arrives as one. */
	#lastDueMs = 0;
	/** The sender has been busy since then with so many bytes. Kept apart, so that no rounding adds up. */
	#busyFromMs = 0;
	#busyBytes = 0;

	constructor(conditions: LinkConditions, random: Random) {
		this.conditions = conditions;
		this.#random = random;
	}

	/** Whether every byte of a burst arrives at one instant. */
	get keepsBurstsWhole(): boolean {
		return this.conditions.bandwidthBytesPerS === 0 && this.conditions.lossRatio === 0;
	}

	/** Drawn once for a burst, whose packets share the queues on the way. */
	drawJitter(): number {
		return this.conditions.jitterMs === 0 ? 0 : this.#random.integer(this.conditions.jitterMs + 1);
	}

	/** Instant at which `sizeBytes` given to the wire at `nowMs` have left the sender; not whole. */
	serialise(sizeBytes: number, nowMs: number): number {
		if (this.conditions.bandwidthBytesPerS === 0) return nowMs;
		if (this.#busyUntilMs <= nowMs) {
			this.#busyFromMs = nowMs;
			this.#busyBytes = 0;
		}
		this.#busyBytes += sizeBytes;
		return this.#busyUntilMs;
	}

	/** Draws the losses of one packet: how long it stalls, and whether it never gets through (then it is given up after that time). */
	drawStall(): { readonly stallMs: number; readonly lost: boolean } {
		if (this.conditions.lossRatio === 0 || !this.#random.chance(this.conditions.lossRatio)) return NO_STALL;
		let stallMs = 0;
		let timeoutMs = FIRST_TIMEOUT_MS;
		for (let transmission = 2; ; transmission++) {
			stallMs += timeoutMs;
			if (transmission > MAX_TRANSMISSIONS) return { stallMs, lost: true };
			this.retransmissions++;
			if (!this.#random.chance(this.conditions.lossRatio)) return { stallMs, lost: false };
			timeoutMs *= 2;
		}
	}

	/** The whole millisecond at which something that left at `leftMs` arrives, behind all that was laid down before it. */
	arrival(leftMs: number, delayMs: number): number {
		this.#lastDueMs = Math.max(this.#lastDueMs, Math.ceil(leftMs) + delayMs);
		return this.#lastDueMs;
	}

	/** For what is sent from now on. The sender's backlog keeps the time it was given. */
	change(conditions: LinkConditions, nowMs: number): void {
		this.#busyFromMs = Math.max(nowMs, Math.ceil(this.#busyUntilMs));
		this.#busyBytes = 0;
		this.conditions = conditions;
	}

	get #busyUntilMs(): number {
		const { bandwidthBytesPerS } = this.conditions;
		return bandwidthBytesPerS === 0 ? this.#busyFromMs : this.#busyFromMs + (this.#busyBytes * 1000) / bandwidthBytesPerS;
	}
}

const NO_STALL = { stallMs: 0, lost: false } as const;

/** Throws a RangeError unless the conditions are of this world. */
export const assertConditions = (conditions: LinkConditions): void => {
	for (const name of ['latencyMs', 'jitterMs'] as const) {
		const value = conditions[name];
		if (!(Number.isSafeInteger(value) && value >= 0)) throw new RangeError(`${name}: whole milliseconds from 0 were expected, got ${value}`);
	}
	const { bandwidthBytesPerS, lossRatio } = conditions;
	if (!(bandwidthBytesPerS >= 0 && bandwidthBytesPerS < Number.POSITIVE_INFINITY)) {
		throw new RangeError(`bandwidthBytesPerS: 0 (unlimited) or more was expected, got ${bandwidthBytesPerS}`);
	}
	if (!(lossRatio >= 0 && lossRatio <= 1)) throw new RangeError(`lossRatio: 0 to 1 was expected, got ${lossRatio}`);
};
