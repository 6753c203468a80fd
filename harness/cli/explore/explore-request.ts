import type { WalkLimits } from '../../explorer/index.js';
import type { CarriedOutWalk } from './carry-out-walk.js';
import type { ExplorerTarget } from './explorer-case.js';

/** What is walked, as it was asked for. */
export interface ExploreRequest {
	readonly target: ExplorerTarget;
	readonly limits: WalkLimits;
	readonly mostMs: number;
	readonly strict: boolean;
}

/** A finding with the line that replays it. */
export interface ToldFinding {
	readonly finding: CarriedOutWalk['findings'][number]['finding'];
	readonly case: string;
	readonly story: string;
}
