import type { Reduction } from '../../scenario/index.js';
import type { WorkerPlan } from '../worker/plan.js';

/** One candidate to run; whoever runs it needs nothing but this. */
export interface CandidateTask {
	readonly plan: Pick<WorkerPlan, 'seed' | 'devices' | 'image' | 'from' | 'keys'>;
	/** Name of the scenario file. */
	readonly scenario: string;
	/** Absolute URL of the scenario file. */
	readonly url: string;
	readonly title: string;
	readonly reduction: Reduction;
}
