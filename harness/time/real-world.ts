import { createRandom } from './random.js';
import { RealClock } from './real-clock.js';
import type { World } from './world.js';

export interface RealWorldOptions {
	readonly seed: string;
	/** What the clock of the day says when the world opens; the wall's by default. */
	readonly startEpochMs?: number;
	/** Seconds of the world in each second of the wall. */
	readonly speed?: number;
}

/** A world on the wall's clock, for real sockets: chance is seeded, what happens first is not. Its instants are whole milliseconds. */
export const openRealWorld = ({ seed, startEpochMs, speed = 1 }: RealWorldOptions): World => {
	const root = createRandom(seed);
	const clock = new RealClock({ speed, wholeMs: true, ...(startEpochMs === undefined ? {} : { startEpochMs }) });
	return {
		clock,
		random: (name) => root.stream(name),
		run: (main) => main(),
		[Symbol.dispose]: () => clock.stop(),
	};
};
