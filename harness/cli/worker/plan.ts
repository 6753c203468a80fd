import { readFileSync } from 'node:fs';
import type { EmulatedBoard } from '../board/virtual-bench.js';
import type { Reduction, Rung } from '../../scenario/index.js';

/** What the runner tells the processes that run scenario files; written as JSON before any of them starts. */
export interface WorkerPlan {
	readonly seed: string;
	readonly devices: number;
	/** Absolute paths of what the user brought. */
	readonly image?: string;
	readonly from?: string;
	readonly keys: readonly string[];
	/** How real the run is; absent: virtual time, links in memory. */
	readonly rung?: Rung;
	/** What is left of the cases, where they are smaller ones. */
	readonly reduction?: Reduction;
	/** The same files as they stand in cases. */
	readonly caseFiles: { readonly image?: CaseFile; readonly from?: CaseFile; readonly key?: string; readonly rig?: CaseFile };
	/** The rig whose boards are the targets; absent where targets are simulated. */
	readonly rig?: PlannedRig;
	/** Absolute path of the run's folder. */
	readonly folder: string;
	/** Where the user stood; scenario files run there. */
	readonly directory: string;
	readonly processes: readonly PlannedProcess[];
}

/** What all cases of a run have in common. */
export type CasesPlan = Omit<WorkerPlan, 'folder' | 'processes'>;

/** One process of AVA's. */
export interface PlannedProcess {
	/** Unique in the plan. */
	readonly name: string;
	/** Scenario files whose cases it runs, one after another; a run takes each once. */
	readonly scenarios: readonly PlannedScenario[];
}

export interface PlannedRig {
	/** As it was typed. */
	readonly path: string;
	/** Boards that scenarios run on. */
	readonly boards: readonly string[];
	readonly emulated: readonly EmulatedBoard[];
}

export interface CaseFile {
	readonly path: string;
	readonly digest: string;
}

export interface PlannedScenario {
	readonly name: string;
	/** Absolute URL of the scenario file. */
	readonly url: string;
	/** How cases name it: a catalogue name, or the path as the user typed it. */
	readonly reference: string;
	/** Slugs of the cases to run; absent: all. */
	readonly slugs?: readonly string[];
	/** True where the log was begun by an earlier process, whose remaining cases this one runs. */
	readonly resumed: boolean;
	/** Board of the rig that its cases run on. */
	readonly board?: string;
}

/** Environment variable that holds the path of the plan. */
export const PLAN_VARIABLE = 'BLACKSTART_PLAN';

export const readPlan = (): WorkerPlan => {
	const path = process.env[PLAN_VARIABLE];
	if (path === undefined) throw new TypeError(`${PLAN_VARIABLE} should hold the path of a plan: scenario entries are started by \`blackstart run\``);
	return JSON.parse(readFileSync(path, 'utf8')) as WorkerPlan;
};
