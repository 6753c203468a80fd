import type { BlackstartEvent, FaultCount, InvariantName, RowCoverage, Verdict, Violation } from '../../harness/events/index.js';
import type { CampaignRecord } from './campaign-record.js';

/** What is known of one `scenario()` call. `waiting` and `running` are the two ways not to have finished. */
export interface CaseRecord {
	readonly scenario: string;
	readonly title: string;
	/** Counts cases of one title in one file, from 1. */
	readonly ordinal: number;
	status: 'waiting' | 'running' | Verdict;
	target?: string;
	seed?: string;
	/** The text that replays the case. */
	case?: string;
	/** What came of the search for a smaller case that fails like it. */
	shrunk?: Extract<BlackstartEvent, { readonly kind: 'run-shrunk' }>;
	options?: Readonly<Record<string, unknown>>;
	reason?: string;
	detail?: string;
	/** Somebody knows that it may not pass: what it comes to fails no run. */
	quarantine?: { readonly owner: string; readonly reason: string; readonly until: string };
	/** What it came to in runs before this one, the first one first: they did not end well, and it was run again. */
	readonly earlier: EarlierRun[];
	startedAt?: string;
	wallMs?: number;
	virtualMs: number;
	faults: readonly FaultCount[];
	/** Rows of the fault catalogue that it exercised. */
	coverage: readonly RowCoverage[];
	readonly evidence: { readonly name: string; readonly value: number | string }[];
	readonly invariants: { readonly invariant: InvariantName; readonly checks: number; readonly violations: readonly Violation[] }[];
	/** Campaigns and rollouts, the first of them. */
	readonly campaigns: CampaignRecord[];
	readonly consoles: string[];
	/** The first faults armed, and how many there were. */
	readonly schedule: BlackstartEvent[];
	armed: number;
	/** The last events worth telling, and how many there were. */
	readonly story: BlackstartEvent[];
	told: number;
	/** Grows with every change. */
	revision: number;
}

export interface EarlierRun {
	readonly verdict: Verdict;
	readonly reason: string;
	readonly detail?: string;
}

/** One scenario file. */
export interface FileRecord {
	readonly scenario: string;
	/** False until the file said which cases it has. */
	registered: boolean;
	readonly cases: CaseRecord[];
	/** Stands for the file while it has no case, so that a file that dies while it loads is seen. */
	readonly placeholder: CaseRecord;
}

/** A run as far as it has come. Files and cases are in catalogue order. */
export interface RunRecord {
	id?: string;
	startedAt?: string;
	seed?: string;
	options: Readonly<Record<string, unknown>>;
	versions: Readonly<Record<string, string>>;
	readonly files: FileRecord[];
	readonly warnings: string[];
	ended?: { readonly verdict: Verdict | 'interrupted'; readonly wallMs: number; readonly exitCode: number };
}

export const isFinished = (record: CaseRecord): boolean => record.status !== 'waiting' && record.status !== 'running';

/** The cases of a file, or what stands for them while none is known. Never empty. */
export const listCases = (file: FileRecord): readonly CaseRecord[] => (file.cases.length > 0 ? file.cases : [file.placeholder]);
