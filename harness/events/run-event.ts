import type { Verdict } from './scenario-event.js';

/** Written by the runner or for it; may hold wall time, paths and versions. */
export type RunEvent =
	| {
			readonly kind: 'run-started';
			readonly id: string;
			readonly startedAt: string;
			readonly seed: string;
			readonly options: Readonly<Record<string, unknown>>;
			readonly versions: Readonly<Record<string, string>>;
			readonly scenarios: readonly string[];
	  }
	| { readonly kind: 'run-case-timing'; readonly scenario: string; readonly title: string; readonly startedAt: string; readonly wallMs: number }
	| {
			readonly kind: 'run-progress';
			readonly scenario: string;
			readonly title: string;
			readonly atMs: number;
			readonly states: Readonly<Record<string, number>>;
			readonly faultsFired: number;
	  }
	/** What the case comes to fails no run until that day, for somebody knows of it; it is run all the same. */
	| {
			readonly kind: 'run-quarantined';
			readonly scenario: string;
			readonly title: string;
			readonly owner: string;
			readonly reason: string;
			/** `2026-12-01`. */
			readonly until: string;
	  }
	/** A case that did not end well is run once more; `attempt` counts from 1, the first run. */
	| { readonly kind: 'run-retry'; readonly scenario: string; readonly title: string; readonly attempt: number }
	/** What replays a case: it may name files of the user's by their paths. */
	| { readonly kind: 'run-case'; readonly scenario: string; readonly title: string; readonly case: string }
	/** How far the search for a smaller case that fails has come. */
	| { readonly kind: 'run-shrinking'; readonly scenario: string; readonly title: string; readonly from: CaseSize; readonly to: CaseSize; readonly runs: number }
	/** A smaller case that fails like this one, or none. */
	| {
			readonly kind: 'run-shrunk';
			readonly scenario: string;
			readonly title: string;
			/** What replays the smaller case; absent where none was found. */
			readonly case?: string;
			/** Why the smaller case fails, as its own verdict says; why there is none where none could be looked for. */
			readonly reason?: string;
			readonly from: CaseSize;
			readonly to: CaseSize;
			/** Cases that were run to find it. */
			readonly runs: number;
			readonly wallMs: number;
			readonly end: ShrinkEnd;
	  }
	| { readonly kind: 'run-console'; readonly scenario: string; readonly title: string; readonly path: string }
	| { readonly kind: 'run-warning'; readonly message: string }
	| { readonly kind: 'run-ended'; readonly verdict: Verdict | 'interrupted'; readonly wallMs: number; readonly exitCode: number };

/** How much of a case takes part. */
export interface CaseSize {
	readonly devices: number;
	readonly faults: number;
	readonly waves: number;
}

/**
 * How the search for a smaller case ended. `minimal`: nothing more can be left out. `not-repeated`: the case did not fail again
 * in the same words, or what was found did not in a process of its own.
 */
export type ShrinkEnd = 'minimal' | 'out-of-time' | 'interrupted' | 'not-repeated';
