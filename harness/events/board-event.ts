/** A place in an update: so long after a phase of it began. */
export interface SweepPlace {
	readonly phase: string;
	readonly offsetMs: number;
}

/**
 * What is done to a board on a rig, and what it says itself: unlike a simulated device's flash, a board can only be asked.
 * `release-published` comes before an image is offered to it, `device-final` when the case closes it.
 */
export type BoardEvent =
	| { readonly kind: 'board-opened'; readonly at: number; readonly board: string; readonly type: string }
	| {
			readonly kind: 'board-power';
			readonly at: number;
			readonly board: string;
			readonly power: 'powered' | 'unpowered';
			readonly commandedAt: number;
			/** When the rig saw it; absent where nothing senses it. */
			readonly observedAt?: number;
	  }
	| { readonly kind: 'board-reset'; readonly at: number; readonly board: string; readonly by: 'line' | 'command' | 'crash' }
	/** The first line of a boot came; `unexpected`: of a board that ran something confirmed and that nobody touched. */
	| { readonly kind: 'board-boot'; readonly at: number; readonly board: string; readonly nonce?: string; readonly text: string; readonly unexpected?: true }
	/** It was to run within some time, and does not. */
	| { readonly kind: 'board-no-boot'; readonly at: number; readonly board: string; readonly reason: string }
	/** What the board answered when it was asked what runs. */
	| {
			readonly kind: 'board-running';
			readonly at: number;
			readonly board: string;
			readonly version: string;
			readonly digest: string;
			readonly confirmed: boolean;
			readonly nonce: string;
	  }
	/** Settings as the board gives them, by name. */
	| {
			readonly kind: 'board-settings';
			readonly at: number;
			readonly board: string;
			readonly settings: Readonly<Record<string, string>>;
	  }
	| { readonly kind: 'board-setting-written'; readonly at: number; readonly board: string; readonly name: string; readonly value: string }
	| {
			readonly kind: 'board-update-begun';
			readonly at: number;
			readonly board: string;
			readonly path: string;
			readonly release: string;
			readonly digest: string;
	  }
	/** `staged`: the board has all of it and was asked for a trial. */
	| {
			readonly kind: 'board-update-ended';
			readonly at: number;
			readonly board: string;
			readonly path: string;
			readonly digest: string;
			readonly outcome: 'staged' | 'failed';
			readonly reason?: string;
	  }
	/** A line that its type names: `confirmed`, `reverted`, `refused`, a mark of an update. */
	| { readonly kind: 'board-mark'; readonly at: number; readonly board: string; readonly mark: string; readonly text: string }
	| { readonly kind: 'board-panic'; readonly at: number; readonly board: string; readonly text: string; readonly unexpected?: true }
	/** A programmer wrote an area of it. */
	| { readonly kind: 'board-flashed'; readonly at: number; readonly board: string; readonly area: string; readonly digest: string }
	| { readonly kind: 'board-restoring'; readonly at: number; readonly board: string; readonly by: 'serial' | 'flasher' }
	/** The phases of one good update, which a power-cut sweep is spread over. */
	| {
			readonly kind: 'sweep-profiled';
			readonly at: number;
			readonly board: string;
			readonly path: string;
			readonly phases: readonly { readonly name: string; readonly fromMs: number; readonly lastsMs: number }[];
			readonly durationMs: number;
	  }
	/** One cut of a sweep: where it was planned, told and seen, in milliseconds of its phase, and what came of it. */
	| {
			readonly kind: 'sweep-cut';
			readonly at: number;
			readonly board: string;
			readonly index: number;
			readonly planned: SweepPlace;
			readonly commanded: SweepPlace;
			readonly observed?: SweepPlace;
			readonly outcome: 'new' | 'old' | 'broken' | 'unseen';
	  }
	/** It was brought back to its golden image and the settings of the factory. */
	| { readonly kind: 'board-restored'; readonly at: number; readonly board: string; readonly digest: string; readonly by: 'serial' | 'flasher' };
