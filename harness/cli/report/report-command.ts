import type { Argv, CommandModule } from 'yargs';

/** Where the commands run. */
export interface ReportContext {
	/** Every relative path is meant from here. */
	readonly directory: string;
}

const EXPECTED = 'report: html was expected';

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
			.demandCommand(1, 1, EXPECTED, EXPECTED)
			.strict(),
	handler: () => {},
});
