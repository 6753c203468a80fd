import type { Argv, CommandModule } from 'yargs';
import { type Output, PROCESS_OUTPUT } from '../image/output.js';

const EXPECTED = 'audit: one of verify, export or changelog was expected';

/** `audit verify|export|changelog`, to be mounted with `yargs.command()`; verdicts and wrong use as with `image`. */
export const createAuditCommand = (output: Output): CommandModule => ({
	command: 'audit',
	describe: 'Verify, export and read the audit trail of a campaign',
	builder: async (yargs: Argv): Promise<Argv> => {
		const [{ createVerifyCommand }, { createExportCommand }, { createChangelogCommand }] = await Promise.all([
			import('./verify-command.js'),
			import('./export-command.js'),
			import('./changelog-command.js'),
		]);
		return yargs
			.command(createVerifyCommand(output))
			.command(createExportCommand(output))
			.command(createChangelogCommand(output))
			.demandCommand(1, 1, EXPECTED, EXPECTED)
			.strict()
			.example('$0 audit verify audit.jsonl', '0 good, 1 changed, removed or cut off, 2 wrong use')
			.example('$0 audit export audit.jsonl --out audit.csv', 'A table of it')
			.example('$0 audit changelog audit.jsonl', 'Versions of each device group over time')
			.epilogue(
				'A trail is chained by hashes and its end is sealed in FILE.head. That shows damage and changes to the trail alone; whoever can write both files can make both anew: keep a copy of the seal elsewhere, and verify against it with --seal.',
			);
	},
	handler: () => {},
});

/** The command as the process runs it. */
export const auditCommand: CommandModule = createAuditCommand(PROCESS_OUTPUT);
