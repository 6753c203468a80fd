import type { Argv } from 'yargs';
import type { BoardSpec, RigFile } from '../../../rigs/rig-file/index.js';
import { nearestName } from '../../text/index.js';
import { once } from '../audit/index.js';
import { UsageError } from '../usage-error.js';

export interface RigArguments {
	readonly rig: string | undefined;
}

export const declareRig = <Given>(yargs: Argv<Given>) =>
	yargs.option('rig', {
		type: 'string',
		requiresArg: true,
		describe: 'The rig file; the only one in rigs by default, else the virtual one',
		coerce: (given: unknown) => once('rig', given),
	});

export const declareJson = <Given>(yargs: Argv<Given>) =>
	yargs.option('json', { type: 'boolean', default: false, describe: 'One JSON object on standard output' });

/** Throws a UsageError that names the boards there are. */
export const chooseBoard = (rig: RigFile, name: string): BoardSpec => {
	const found = rig.boards.find((board) => board.name === name);
	if (found !== undefined) return found;
	const names = rig.boards.map((board) => board.name);
	const near = nearestName(name, names);
	throw new UsageError(`board: one of ${names.join(', ')} was expected (${rig.path}), got '${name}'${near === undefined ? '' : `; did you mean ${near}?`}`);
};
