import type { BoardSpec, RigFile } from '../../../rigs/rig-file/index.js';
import { type ReportOptions, reportRun } from '../run/report-run.js';
import type { RunRequest } from '../run/run-request.js';
import { openScratchFolder } from './scratch-folder.js';
import { openVirtualBench } from './virtual-bench.js';

/** A rig and those of its boards that are to be used. */
export interface ChosenBoards {
	readonly rig: RigFile;
	readonly boards: readonly BoardSpec[];
}

/** Runs scenarios on boards of a rig, each file once on each board; returns the exit code. What is emulated runs as long as the run does. */
export const runOnRig = async ({ rig, boards }: ChosenBoards, request: RunRequest, output: ReportOptions): Promise<number> => {
	using scratch = await openScratchFolder();
	const names = boards.map(({ name }) => name);
	// Of one board alone that nobody needs another beside, only that is started.
	const needsOther = request.scenarios.some(({ cases }) => cases.some(({ needs }) => needs.includes('other-board')));
	await using bench = await openVirtualBench(rig, { folder: scratch.path, ...(needsOther ? {} : { only: names }) });
	return await reportRun(
		{
			...request,
			// What fails on a board in real time is no case that can be made smaller.
			shrinkMs: 0,
			scenarios: names.flatMap((board) =>
				request.scenarios.map((scenario) => ({ ...scenario, board, name: names.length === 1 ? scenario.name : `${scenario.name}@${board}` })),
			),
			rig: { path: rig.path, name: rig.name, digest: rig.sha256, boards: names, emulated: bench.boards },
		},
		output,
	);
};
