import { BOARD_BOOTLOADERS, type BoardBootloader, createBoardSubject } from '../../../simulators/board/index.js';
import type { Subject, TearLevel } from '../../explorer/index.js';
import { UsageError } from '../usage-error.js';
import { type ExploreArguments, isTyped, PART_FLAGS } from './explore-flags.js';

/** The virtual board's bootloader, as machine code, or one of those broken on purpose. */
export interface BoardTarget {
	readonly board: BoardBootloader;
}

const NAME = 'avr-board';

export const nameOfBoard = ({ board }: BoardTarget): string => board.replace('boot', NAME);

export const BOARD_NAMES: readonly string[] = BOARD_BOOTLOADERS.map((board) => nameOfBoard({ board }));

/** Null: it is the name of no board. */
export const findBoard = (name: string): BoardTarget | null => {
	const board = BOARD_BOOTLOADERS.find((known) => nameOfBoard({ board: known }) === name);
	return board === undefined ? null : { board };
};

/** Throws a UsageError for a flag of other bootloaders, and for tears that cells of this part do not show. */
export const readBoardTarget = (target: BoardTarget, typed: ExploreArguments): BoardTarget => {
	for (const flag of ['layout', ...PART_FLAGS, 'from', 'to'] as const) {
		if (isTyped(typed, flag)) throw new UsageError(`--${flag}: it does not go with ${nameOfBoard(target)}, whose flash and images are its own`);
	}
	const tears = typed.tears?.toUpperCase() as TearLevel | undefined;
	if (tears === 'L3' || tears === 'L4')
		throw new UsageError(`--tears: L0, L1 or L2 was expected with ${nameOfBoard(target)}, whose flash has no error correction, got '${tears}'`);
	return target;
};

export const buildBoardSubject = ({ board }: BoardTarget): Subject => createBoardSubject(board);
