import type { InvariantName } from '../events/index.js';
import type { UpdatePlace } from './profile.js';

/** What one cut of a sweep came to. */
export interface CutRecord {
	readonly index: number;
	readonly board: string;
	/** As it was planned. */
	readonly planned: UpdatePlace;
	/** Where the switch was told. */
	readonly commanded: UpdatePlace;
	/** Since the update began. */
	readonly commandedAtMs: number;
	/** Where the rig saw the power gone; absent where nothing senses it. */
	readonly observed?: UpdatePlace;
	readonly observedAtMs?: number;
	/**
	 * `new`: the update was gone on with and finished by the board alone; `old`: what ran before ran again, and the update was
	 * done once more; `broken`: an invariant did not hold; `unseen`: there is no evidence that the power was cut.
	 */
	readonly outcome: 'new' | 'old' | 'broken' | 'unseen';
	readonly findings: readonly CutFinding[];
	/** Time that is the board's own: updates, time without power, boots. */
	readonly boardMs: number;
	/** All of it. */
	readonly wallMs: number;
	/** ISO 8601; of cuts that are kept, so that a sweep which goes on tells of them too. */
	readonly startedAt?: string;
}

export interface CutFinding {
	readonly invariant: InvariantName;
	/** What was wanted and what came. */
	readonly message: string;
}
