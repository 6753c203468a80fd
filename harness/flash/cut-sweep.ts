import { TEAR_MODES, type TearMode } from '../faults/index.js';
import type { FiredFlashFault } from './armed-faults.js';
import type { Flash, FlashSnapshot } from './flash.js';
import { PowerLoss } from './flash-error.js';

/** One power loss of a sweep, and what it hit. */
export interface SweptCut {
	/** Of the session, from 0. */
	readonly operation: number;
	readonly tear: TearMode;
	readonly tearSeed: number;
	readonly hit: FiredFlashFault;
}

export interface CutSweep {
	readonly flash: Flash;
	/** Where each run begins. */
	readonly start: FlashSnapshot;
	/** Synchronous, and the same operations each time. */
	readonly session: () => void;
	/** Power is back, the session is dead; throws where something is wrong. */
	readonly check: (cut: SweptCut) => void;
	/** Seeds for each tear that draws, default 1. `before`, `after` and `half` draw nothing. */
	readonly seeds?: number;
}

/**
 * Runs a session once to count its flash operations, then once for every operation, tear mode and seed with power lost
 * there, and gives the number of cuts. Throws where a cut does not fire: a sweep that did not happen proves nothing.
 */
export const sweepCuts = (sweep: CutSweep): number => {
	const { flash, start } = sweep;
	flash.restore(start);
	sweep.session();
	const operations = flash.operations - start.operations;
	let cuts = 0;
	for (let operation = 0; operation < operations; operation++) {
		for (const tear of TEAR_MODES) {
			const seeds = DRAWING.includes(tear) ? (sweep.seeds ?? 1) : 1;
			for (let tearSeed = 0; tearSeed < seeds; tearSeed++) {
				flash.restore(start);
				flash.armCut({ operation, tear, tearSeed });
				const hit = cutShort(sweep);
				flash.powerOn();
				sweep.check({ operation, tear, tearSeed, hit });
				cuts++;
			}
		}
	}
	return cuts;
};

const DRAWING: readonly TearMode[] = ['prefix', 'bits', 'unreadable'];

const cutShort = ({ flash, session }: CutSweep): FiredFlashFault => {
	try {
		session();
	} catch (error) {
		const hit = flash.fired.at(-1);
		if (error instanceof PowerLoss && hit !== undefined) return hit;
		throw error;
	}
	throw new Error('session: the power loss was expected to end it, it went on to its end');
};
