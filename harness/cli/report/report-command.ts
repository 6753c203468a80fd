import type { Argv, CommandModule } from 'yargs';

/** Where the commands run. */
export interface ReportContext {
	/** Every relative path is meant from here. */
	readonly directory: string;
}

const EXPECTED = 'report: html or merge was expected';

/** `report …`, to be mounted with `yargs.command()`; what each command comes to goes to `keep`. */
export const createReportCommand = (context: ReportContext, keep: (work: Promise<number>) => Promise<void>): CommandModule => ({
	command: 'report',
	describe: 'the reports that people look at, of runs that are over',
	builder: (yargs: Argv): Argv =>
		yargs
			.command(
				'html [dir]',
				'write report.html of a run again from its events, also of one that was killed',
				(command: Argv) =>
					command.positional('dir', { type: 'string', describe: 'folder of the run (reports/runs/latest)' }).example('$0 report html', "the newest run's"),
				(typed) => keep(import('./html-command.js').then(({ htmlCommand }) => htmlCommand(typed, context))),
			)
			.command(
				'merge <dirs..>',
				'join the runs of all cells of one fleet (run --shard) into one run',
				(command: Argv) =>
					command
						.positional('dirs', { type: 'string', array: true, describe: 'folders of the cells, all of them' })
						.option('out', { type: 'string', requiresArg: true, describe: 'folder to write into, in place of a new one below reports/runs' })
						.example('$0 report merge cells/0 cells/1 cells/2 --out merged', 'three thirds of a fleet')
						.epilogue('The exit code is that of the whole run: 0 all passed, 1 product failure, 3 rig or harness, 4 inconclusive.'),
				(typed) => keep(import('./merge/merge-command.js').then(({ mergeCommand }) => mergeCommand(typed, context))),
			)
			.demandCommand(1, 1, EXPECTED, EXPECTED)
			.strict(),
	handler: () => {},
});
