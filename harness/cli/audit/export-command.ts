import type { Argv, CommandModule } from 'yargs';
import { encodeCsvLines } from '../../campaign/audit/index.js';
import { type Output, writeOutput } from '../image/index.js';
import { declareTrail, once, type TrailArguments } from './trail-arguments.js';
import { describeBroken, readTrail } from './trail-file.js';

interface ExportArguments extends TrailArguments {
	readonly out: string | undefined;
	readonly force: boolean;
}

/** `audit export`: a good trail as CSV; one that does not verify is not exported, and is exit 1. */
export const createExportCommand = (output: Output): CommandModule<object, ExportArguments> => ({
	command: 'export <file>',
	describe: 'Write a trail as CSV, once it is verified',
	builder: (yargs: Argv<object>): Argv<ExportArguments> =>
		declareTrail(yargs)
			.option('out', { type: 'string', requiresArg: true, describe: 'The table; standard output where absent', coerce: (given: unknown) => once('out', given) })
			.option('force', { type: 'boolean', default: false, describe: 'Overwrite the file that is there' })
			.example('$0 audit export audit.jsonl --out audit.csv', 'For a spreadsheet; texts that look like formulas are disarmed')
			.example('$0 audit export audit.jsonl | head', 'To standard output'),
	handler: ({ file, seal, out, force }) => {
		const { verdict, entries } = readTrail(file, seal);
		if (!verdict.ok) {
			output.printAside(`broken, not exported: ${file}: ${describeBroken(verdict)}`);
			output.setExitCode(1);
			return;
		}
		const lines = encodeCsvLines(entries);
		if (out === undefined) for (const line of lines) output.print(line.slice(0, -1));
		else {
			writeOutput(out, { bytes: lines, overwrite: force });
			output.print(`${verdict.entries} entries written to ${out}`);
		}
		output.setExitCode(0);
	},
});
