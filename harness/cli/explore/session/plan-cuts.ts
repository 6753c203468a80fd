import { type TearLevel, tearsOf } from '../../../explorer/index.js';
import type { SessionRun } from './run-session.js';
import type { SessionCut, SessionTear } from './session-case.js';

/** Levels that the flash of a fleet's device has tears of. */
export const SESSION_LEVELS: readonly TearLevel[] = ['L0', 'L1', 'L2', 'L3'];
/** Drawn tears of each kind for each operation. */
const TEAR_SEEDS = 2;

/** Just after each operation and at each message of what a run still did. */
export const planClean = ({ operations, messages }: Pick<SessionRun, 'operations' | 'messages'>): readonly SessionCut[] => [
	...Array.from({ length: operations }, (_, operation): SessionCut => ({ at: 'operation', operation, tear: 'after', seed: 0 })),
	...Array.from({ length: messages }, (_, message): SessionCut => ({ at: 'message', message })),
];

/** In the middle of each operation, as far up the ladder as the level goes; a clean cut of it has said whether it programs or erases. */
export const planTorn = (clean: readonly SessionRun[], level: TearLevel): readonly SessionCut[] =>
	clean.flatMap(({ cuts: [cut], hits: [hit] }) => {
		if (cut?.at !== 'operation' || hit === undefined) return [];
		const kind = hit.form.startsWith('erase') ? 'erase' : 'program';
		return tearsOf(kind, { level, seeds: TEAR_SEEDS }).map(({ tear, seed }): SessionCut => ({ ...cut, tear: tear as SessionTear, seed }));
	});

/** A second cut for each clean one: wherever what it left still does something. */
export const planSecond = (clean: readonly SessionRun[]): readonly (readonly SessionCut[])[] =>
	clean.flatMap((run) => planClean(run).map((second) => [...run.cuts, second]));
