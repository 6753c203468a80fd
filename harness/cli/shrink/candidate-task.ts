import type { Reduction } from '../../scenario/index.js';
import type { CampaignRequest } from '../campaign/index.js';
import type { WorkerPlan } from '../worker/plan.js';

/** One candidate to run; whoever runs it needs nothing but this. */
export type CandidateTask = ScenarioCandidate | CampaignCandidate;

/** A plan that is carried out as `blackstart campaign` does. */
export interface CampaignCandidate {
	/** As typed. */
	readonly planFile: string;
	readonly request: CampaignRequest;
	readonly reduction: Reduction;
}

/** A case of a scenario file. */
export interface ScenarioCandidate {
	readonly plan: Pick<WorkerPlan, 'seed' | 'devices' | 'image' | 'from' | 'keys'>;
	/** Name of the scenario file. */
	readonly scenario: string;
	/** Absolute URL of the scenario file. */
	readonly url: string;
	readonly title: string;
	readonly reduction: Reduction;
}
