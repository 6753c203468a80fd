import { type CommandContext, runCommandLine } from './command-line.js';
import { requireOpenFiles } from './run/preflight.js';
import { UsageError } from './usage-error.js';

/** Exit codes of what no command came to say itself. */
const WRONG_USE = 2;
const HARNESS_FAILED = 3;

/** Runs a command and says on stderr what it threw; resolves with the exit code, or undefined where the command set it itself. */
export const runToEnd = async (values: readonly string[], context: CommandContext): Promise<number | undefined> => {
	try {
		requireOpenFiles();
		return await runCommandLine(values, context);
	} catch (error) {
		const wrongUse = error instanceof UsageError || (error instanceof Error && error.name === 'YError');
		const message = error instanceof Error ? error.message : String(error);
		process.stderr.write(
			wrongUse
				? `blackstart: ${message}\n`
				: `blackstart failed, which says nothing about the product: ${message}\n${process.env.BLACKSTART_DEBUG && error instanceof Error ? `${error.stack}\n` : ''}`,
		);
		return wrongUse ? WRONG_USE : HARNESS_FAILED;
	}
};
