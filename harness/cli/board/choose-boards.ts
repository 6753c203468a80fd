import type { BoardSpec, RigFile } from '../../../rigs/rig-file/index.js';
import { nearestName } from '../../text/index.js';
import { UsageError } from '../usage-error.js';

/** A rig that a run was asked for. */
export interface RequestedRig {
	/** As it was typed. */
	readonly path: string;
	readonly name: string;
	/** SHA-256 of the file and its board types. */
	readonly digest: string;
	/** Boards that scenarios run on. */
	readonly boards: readonly string[];
}

/** The board that is named, or the first one of each type: boards of one type are alike. Throws a UsageError that names those there are. */
export const chooseBoards = (rig: RigFile, name: string | undefined): readonly BoardSpec[] => {
	if (name === undefined)
		return rig.boards.filter(
			(board, index) => rig.boards.findIndex(({ type, backend }) => type.type === board.type.type && backend === board.backend) === index,
		);
	const found = rig.boards.find((board) => board.name === name);
	if (found) return [found];
	const names = rig.boards.map((board) => board.name);
	const near = nearestName(name, names);
	throw new UsageError(`--board: one of ${names.join(', ')} was expected (${rig.path}), got '${name}'${near === undefined ? '' : `; did you mean ${near}?`}`);
};
