/** What the report's page is given: a run folded into columns, small enough for ten thousand devices in one file. */
export interface RunData {
	readonly run: RunFacts;
	/** Failures first, then in catalogue order. */
	readonly cases: readonly CaseData[];
	readonly invariants: readonly {
		readonly invariant: string;
		readonly promise: string;
		readonly checks: number;
		readonly violations: number;
		readonly cases: number;
	}[];
	readonly coverage: { readonly phases: readonly string[]; readonly rows: readonly CoverageRow[] };
	/** Power cuts of real boards, by board. */
	readonly sweeps: readonly SweepData[];
	/** What was left out to keep the file small, in words. */
	readonly omitted: readonly string[];
}

export interface RunFacts {
	readonly id: string;
	readonly startedAt: string;
	readonly seed: string;
	readonly options: Readonly<Record<string, unknown>>;
	readonly versions: Readonly<Record<string, string>>;
	/** `unfinished` where the run never said that it ended. */
	readonly verdict: string;
	readonly wallMs?: number;
	readonly exitCode?: number;
	readonly warnings: readonly string[];
}

export interface CoverageRow {
	readonly id: string;
	readonly fault: string;
	/** `exercised`, `missed`, `elsewhere` or `unreachable`. */
	readonly status: string;
	readonly whyNot?: string;
	/** Times by phase. */
	readonly phases: Readonly<Partial<Record<string, number>>>;
	readonly holes: readonly string[];
	readonly cases: number;
}

export interface CaseData {
	readonly scenario: string;
	readonly title: string;
	readonly target: string;
	readonly verdict: string;
	readonly finished: boolean;
	readonly flaky: boolean;
	/** Why, absent where it passed. */
	readonly message?: string;
	readonly detail?: string;
	readonly replay?: string;
	readonly shrunk: readonly string[];
	readonly wallMs?: number;
	readonly virtualMs: number;
	readonly faults: readonly { readonly fault: string; readonly armed: number; readonly fired: number }[];
	readonly evidence: readonly { readonly name: string; readonly value: number | string }[];
	readonly invariants: readonly { readonly invariant: string; readonly checks: number; readonly violations: number }[];
	/** The last lines of what happened, and how many there were. */
	readonly story: readonly string[];
	readonly told: number;
	readonly campaigns: readonly string[];
	readonly consoles: readonly { readonly path: string; readonly tail: readonly string[] }[];
	readonly worlds: readonly WorldData[];
	/** Of a walk through a bootloader's states. */
	readonly walk?: WalkData;
}

/** One world of devices, from its opening to its last device's end. */
export interface WorldData {
	readonly devices: number;
	/** Instants of the series, virtual milliseconds, ascending. */
	readonly at: readonly number[];
	/** Devices in each state from each instant on. */
	readonly states: Readonly<Record<string, readonly number[]>>;
	/** Devices that run each version from each instant on. */
	readonly versions: Readonly<Record<string, readonly number[]>>;
	/** Faults of each kind that fired since the instant before. */
	readonly faults: Readonly<Record<string, readonly number[]>>;
	readonly marks: readonly Mark[];
	readonly outcomes: Readonly<Record<string, number>>;
	readonly histograms: readonly Histogram[];
	readonly cuts?: CutMap;
	readonly table: DeviceTable;
}

/** Something that happened to the whole fleet. */
export interface Mark {
	readonly at: number;
	readonly sort: 'wave' | 'gate' | 'halt' | 'order' | 'outage' | 'step';
	readonly text: string;
}

/** How many devices fall into each of equal steps from `from` to `to`. */
export interface Histogram {
	readonly name: string;
	readonly unit: 'ms' | 'times' | 'images';
	readonly from: number;
	readonly to: number;
	readonly counts: readonly number[];
	readonly median: number;
	readonly p95: number;
	readonly highest: number;
}

/** Power cuts by flash operation and the way it was torn, each with the worst that became of a device. */
export interface CutMap {
	/** Rows: tears, or `message` for cuts between messages. */
	readonly tears: readonly string[];
	/** Columns: the last operation is `operations - 1`. */
	readonly operations: number;
	/** What each column is, where it is more than its number. */
	readonly columns?: readonly string[];
	readonly cells: readonly { readonly tear: number; readonly operation: number; readonly outcome: string; readonly count: number; readonly device: string }[];
}

/** What a walk through a bootloader's states found, by power losses. */
export interface WalkData {
	readonly depths: readonly { readonly cuts: number; readonly states: number; readonly situations: number }[];
	readonly uptime: readonly { readonly phase: string; readonly operations: number; readonly leastUptime: number | null; readonly boots: number }[];
	readonly cuts?: CutMap;
	/** Of a session: power cut at messages. */
	readonly messages?: CutMap;
}

/** Cuts of one board's power over the phases of an update. */
export interface SweepData {
	/** Those that share its cuts; the first was profiled. */
	readonly boards: readonly string[];
	readonly path: string;
	readonly durationMs: number;
	readonly phases: readonly { readonly name: string; readonly fromMs: number; readonly lastsMs: number }[];
	/** In milliseconds of the update, where they were seen, or told where nobody saw them. */
	readonly cuts: readonly { readonly atMs: number; readonly outcome: string; readonly index: number }[];
	/** The longest stretch without a cut. */
	readonly gap: { readonly fromMs: number; readonly toMs: number };
}

/** Devices as columns; row i of each column is one device. */
export interface DeviceTable {
	readonly total: number;
	readonly ids: readonly string[];
	readonly hardware: Interned;
	readonly version: Interned;
	readonly outcome: Interned;
	readonly boots: readonly number[];
	readonly bytes: readonly number[];
	readonly flashOperations: readonly number[];
	readonly resumes: readonly number[];
	readonly faults: readonly number[];
	/** From the first job to the last confirmation; -1 where there was none. */
	readonly updateMs: readonly number[];
	/** Texts of the timelines and the lane each stands in. */
	readonly labels: readonly (readonly [lane: number, text: string])[];
	/** By row: instants as steps from the one before, and labels; absent where a device's timeline was left out. */
	readonly timelines: Readonly<Record<number, readonly [steps: readonly number[], labels: readonly number[], cut: number]>>;
}

export interface Interned {
	readonly names: readonly string[];
	readonly rows: readonly number[];
}

export const LANES = ['state', 'power', 'boot', 'update', 'service', 'fault'] as const;
