import type { Clock } from './clock.js';
import type { Random } from './random.js';

/** Time and chance of one fleet, virtual or the wall's, while it is open. */
export interface World extends Disposable {
	readonly clock: Clock;
	/** The stream of randomness of that name. */
	random(name: string): Random;
	/** Runs `main`, with time passing while it waits. */
	run<Result>(main: () => Promise<Result>): Promise<Result>;
}
