import type { Argv, CommandModule } from 'yargs';

/** Where the commands run. */
export interface ReportContext {
	/** Every relative path is meant from here. */
	readonly directory: string;
}

const EXPECTED = 'report: one of html, open, compare, history or merge was expected';

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
				'open [dir]',
				'show the report of a run in a browser',
				(command: Argv) => command.positional('dir', { type: 'string', describe: 'folder of the run (reports/runs/latest)' }),
				(typed) => keep(import('./open-command.js').then(({ openCommand }) => openCommand(typed, context))),
			)
			.command(
				'compare <before> <after>',
				'two runs side by side: what got worse, in verdicts and in what updates take',
				(command: Argv) =>
					command
						.positional('before', { type: 'string', describe: 'folder of a run' })
						.positional('after', { type: 'string', describe: 'folder of another run, of the next release or version' })
						.option('json', { type: 'boolean', default: false, describe: 'one JSON object on stdout' })
						.example('$0 report compare runs/1.4.0 runs/1.5.0', 'two releases')
						.epilogue('Exit codes: 0 nothing got worse, 1 something did.'),
				(typed) => keep(import('./compare-command.js').then(({ compareCommand }) => compareCommand(typed, context))),
			)
			.command(
				'history [dirs..]',
				'the verdicts of every case over many runs, and which of them come and go',
				(command: Argv) =>
					command
						.positional('dirs', { type: 'string', array: true, describe: 'folders of runs; default all below reports/runs' })
						.option('json', { type: 'boolean', default: false, describe: 'one JSON object on stdout' }),
				(typed) => keep(import('./history-command.js').then(({ historyCommand }) => historyCommand(typed, context))),
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
