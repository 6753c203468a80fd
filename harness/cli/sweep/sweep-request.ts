import type { BoardSpec, RigFile } from '../../../rigs/rig-file/index.js';
import type { UpdatePath } from '../../ports/index.js';
import type { UpdatePlace } from '../../sweep/index.js';

/** All that a sweep was asked for, checked. */
export interface SweepRequest {
	readonly rig: RigFile;
	/** Boards that share the cuts, all of one type. */
	readonly boards: readonly BoardSpec[];
	readonly path: UpdatePath;
	readonly cuts: number;
	/** A whole number, as text. */
	readonly seed: string;
	/** One cut alone, in place of those of a plan. */
	readonly only?: UpdatePlace;
}
