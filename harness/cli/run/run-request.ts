import type { Reduction, Rung } from '../../scenario/index.js';
import type { EmulatedBoard, RequestedRig } from '../board/index.js';
import type { CaseFile } from '../worker/plan.js';
import type { ListedScenario } from './listing.js';
import type { QuarantinedCase } from './quarantine.js';

/** All that a run was asked for, checked. */
export interface RunRequest {
	readonly scenarios: readonly RequestedScenario[];
	/** A whole number, as text. */
	readonly seed: string;
	readonly devices: number;
	readonly image?: RequestedFile;
	readonly from?: RequestedFile;
	readonly key?: string;
	/** The rig whose boards are the targets; absent where they are simulated. */
	readonly rig?: RequestedRig & { readonly emulated: readonly EmulatedBoard[] };
	/** How real it is to be; absent: virtual time, links in memory. */
	readonly rung?: Rung;
	/** What is left of the case, where it is a smaller one. */
	readonly reduction?: Reduction;
	/** Folder to write into; default a new one below `reports/runs`. */
	readonly out?: string;
	readonly jobs: number;
	/** For the objects of each process, where Node's own limit is too near. */
	readonly heapMib?: number;
	/** A scenario without an event and without progress of time for that long is hung; milliseconds of the wall. */
	readonly timeoutMs: number;
	/** How often a case that does not end well is run again at most. */
	readonly retries: number;
	/** Time for shrinking failed cases, all of them together, milliseconds of the wall; 0: none is shrunk. */
	readonly shrinkMs: number;
	/** Cases whose verdicts fail no run. */
	readonly quarantine?: readonly QuarantinedCase[];
	/** Where the user stands; every relative path is meant from here. */
	readonly directory: string;
}

export interface RequestedScenario extends ListedScenario {
	/** Slugs of the cases to run; absent: all. */
	readonly slugs?: readonly string[];
	/** Board of the rig that its cases run on. */
	readonly board?: string;
}

export type RequestedFile = CaseFile;
