/** What a scenario came to. `failed`: the product is wrong. `errored`: the rig, harness or environment is. */
export type Verdict = 'passed' | 'failed' | 'errored' | 'inconclusive' | 'skipped';

/** One scenario() call of a scenario file. `scenario` is the file's name without ending: the promise it makes. */
export type ScenarioEvent =
	| { readonly kind: 'scenario-registered'; readonly scenario: string; readonly titles: readonly string[] }
	| {
			readonly kind: 'scenario-started';
			readonly scenario: string;
			readonly title: string;
			readonly target: string;
			readonly seed: string;
			readonly options: Readonly<Record<string, unknown>>;
	  }
	| { readonly kind: 'scenario-step'; readonly at: number; readonly text: string }
	| { readonly kind: 'scenario-evidence'; readonly name: string; readonly value: number | string }
	| { readonly kind: 'scenario-skipped'; readonly scenario: string; readonly title: string; readonly target: string; readonly reason: string }
	/** Which rows of the fault catalogue the case exercised, and how often in which phase of an update. Rows it did not exercise are left out. */
	| { readonly kind: 'fault-coverage'; readonly rows: readonly RowCoverage[] }
	| { readonly kind: 'invariant-judged'; readonly invariant: InvariantName; readonly checks: number; readonly violations: readonly Violation[] }
	| {
			readonly kind: 'scenario-ended';
			readonly scenario: string;
			readonly title: string;
			readonly verdict: Verdict;
			/** Why, in one line a person can act on; absent when passed. */
			readonly reason?: string;
			/** The long form: violations, stack of a harness error, story. */
			readonly detail?: string;
			readonly faults: readonly FaultCount[];
			/** Virtual time the scenario covered. */
			readonly virtualMs: number;
	  };

export interface FaultCount {
	readonly fault: string;
	readonly armed: number;
	readonly fired: number;
}

/** Where a device stands in an update, in the order of an update's phases. */
export type UpdatePhase = 'idle' | 'downloading' | 'installing' | 'booting' | 'testing' | 'reporting' | 'recovering';

export interface RowCoverage {
	/** Of the catalogue, such as `P3`. */
	readonly row: string;
	/** Times that it took effect; without any phase where the case as a whole stands for the row. */
	readonly phases: Readonly<Partial<Record<UpdatePhase, number>>>;
}

export type InvariantName =
	| 'bootable'
	| 'whole'
	| 'authentic'
	| 'no-downgrade'
	| 'trial'
	| 'settings'
	| 'truthful'
	| 'once'
	| 'converges'
	| 'thrifty'
	| 'gentle'
	| 'contained'
	| 'audited'
	| 'tidy';

export interface Violation {
	/** Absent when the violation is the fleet's or the service's. */
	readonly device?: string;
	readonly at: number;
	/** What was wanted and what came. */
	readonly message: string;
}
