/** Power of one board: what was commanded, and what was observed where the rig can see it. */
export interface PowerPort {
	readonly commanded: PowerState | 'unknown';
	/** Resolves when the supply is switched and, where it can be sensed, was seen to be. */
	on(): Promise<PowerSwitched>;
	off(): Promise<PowerSwitched>;
	/** Off, the board's off-time (its rails must discharge), on. */
	cycle(): Promise<PowerSwitched>;
	/** What the rig sees now; `unknown` where nothing senses it. */
	observe(): Promise<PowerState | 'unknown'>;
}

export type PowerState = 'powered' | 'unpowered';

export interface PowerSwitched {
	readonly commanded: PowerState;
	/** Monotonic milliseconds at which the switch was told. */
	readonly commandedAtMs: number;
	/** At which the rig saw it; absent where it cannot. */
	readonly observedAtMs?: number;
}
