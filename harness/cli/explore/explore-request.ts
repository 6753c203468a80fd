import type { WalkLimits } from '../../explorer/index.js';
import type { CarriedOutWalk } from './carry-out-walk.js';
import type { ExplorerTarget } from './explorer-case.js';
import type { ShrunkCase } from './shrink-explorer-case.js';

/** What is walked, as it was asked for. */
export interface ExploreRequest {
	readonly target: ExplorerTarget;
	readonly limits: WalkLimits;
	readonly mostMs: number;
	readonly strict: boolean;
	/** Threads, the walk's own included. */
	readonly jobs: number;
	/** For a search for smaller cases of all that was found; 0: none. */
	readonly shrinkMs: number;
}

/** A finding with the line that replays it. */
export interface ToldFinding {
	readonly finding: CarriedOutWalk['findings'][number]['finding'];
	readonly case: string;
	readonly story: string;
	/** Absent: nobody asked for a smaller one. */
	readonly shrunk?: ShrunkCase['json'];
}
