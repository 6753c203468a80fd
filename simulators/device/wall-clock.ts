import type { Clock } from '../../harness/time/index.js';
import type { TimeFloor } from './storage/index.js';

/** The flash bears a write a day for longer than any device lives; a floor that is a day old is as good. */
const KEEP_EVERY_MS = 86_400_000;

export interface WallClockOptions {
	/** The world's. */
	readonly clock: Clock;
	/** Whether it goes on while the device is without power. */
	readonly keepsTime: boolean;
	readonly floor: TimeFloor;
}

/**
 * What a device takes for the time of day: an oscillator without drift, that a device without a battery for it begins at 1970
 * with each return of power (Tasmota#2571, #9757), and that a fault can put anywhere. Nothing that the device waits for is
 * measured by it.
 *
 * The floor keeps it from being far off: the time is never before the last that the service told. What the service says comes
 * over a connection whose certificate the device has verified, and is believed; an answer by SNTP comes from anybody, and is
 * believed no further back than the floor. What the clock itself says never becomes the floor: one that once stood at 2106
 * would be at 2106 for ever.
 */
export class WallClock {
	readonly #options: WallClockOptions;
	/** To be added to the world's time. */
	#offsetMs: number;

	constructor(options: WallClockOptions) {
		this.#options = options;
		this.#offsetMs = options.keepsTime ? 0 : -options.clock.epochMs;
	}

	/** Milliseconds since the epoch. */
	get epochMs(): number {
		return this.#options.clock.epochMs + this.#offsetMs;
	}

	/** Power came back. */
	restart(): void {
		if (!this.#options.keepsTime) this.#set(0);
	}

	/** The program begins: it knows that it is no earlier than the floor. */
	boot(): void {
		this.#set(Math.max(this.epochMs, this.#options.floor.read()));
	}

	/** The service told the time, over a connection that the device trusts. */
	heard(epochMs: number): void {
		const { floor } = this.#options;
		this.#set(epochMs);
		if (epochMs - floor.read() >= KEEP_EVERY_MS) floor.keep(epochMs);
	}

	/** Somebody told the time who could be anybody. */
	heardFromAnybody(epochMs: number): void {
		this.#set(Math.max(epochMs, this.#options.floor.read()));
	}

	/** A fault puts it there. */
	jump(epochMs: number): void {
		this.#set(epochMs);
	}

	#set(epochMs: number): void {
		this.#offsetMs = epochMs - this.#options.clock.epochMs;
	}
}
