import { parseSweepCase, type SweepCase, SWEEP_CASE_EXAMPLE } from '../../sweep/index.js';
import { chooseBoards } from '../board/index.js';
import { readRigFile } from '../rig/choose-rig.js';
import { UsageError } from '../usage-error.js';
import { carryOutSweep } from './sweep-command.js';

/** Makes one cut of a sweep again; 1 where it breaks the board again, 0 where it does not. */
export const replaySweepCase = async (
	text: string,
	options: { readonly directory: string; readonly json: boolean; readonly out?: string | undefined },
): Promise<number> => {
	const wanted = read(text);
	const rig = await readRigFile(wanted.rig.path, options);
	if (!rig.sha256.startsWith(wanted.rig.digest))
		throw new UsageError(
			`case: rig=${rig.path} has changed since the case was written: SHA-256 ${wanted.rig.digest}… was expected, got ${rig.sha256.slice(0, 12)}…`,
		);
	const boards = chooseBoards(rig, wanted.board);
	const path = boards[0]?.updates.find((one) => one === wanted.path);
	if (path === undefined) throw new UsageError(`case: path=${wanted.path}: ${wanted.board} has ${boards[0]?.updates.join(', ') || 'none'}`);
	return carryOutSweep({ rig, boards, path, cuts: 1, seed: wanted.seed, only: wanted.place }, options);
};

const read = (text: string): SweepCase => {
	try {
		return parseSweepCase(text);
	} catch (cause) {
		throw new UsageError(`${(cause as Error).message}\nexample: blackstart replay '${SWEEP_CASE_EXAMPLE}'`, { cause });
	}
};
