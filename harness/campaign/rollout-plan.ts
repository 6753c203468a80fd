export interface RolloutPlan {
	/** Devices of the pilot: a count (1 or more), or a fraction below 1. */
	readonly pilot: number;
	/** Each further wave: a count, or a fraction of the fleet below 1. The rest follows as a last wave. */
	readonly waves: readonly number[];
	/** Failures over finished above which the rollout halts, 0-1. */
	readonly maxFailureRatio: number;
	/** A device that has not finished by then counts as failed (silence is not success). */
	readonly waveTimeoutMs: number;
	/** Watches a wave for this long after its last device finished before the gate decides. */
	readonly soakMs?: number;
	/** Whether what had gone out is taken back after a halt. */
	readonly rollback?: boolean;
}

export interface RolloutResult {
	readonly outcome: 'completed' | 'halted' | 'rolled-back';
	readonly succeeded: number;
	readonly failed: number;
	/** Devices that the release never reached. */
	readonly untouched: number;
	readonly haltedAtWave?: number;
}
