import type { Argv, CommandModule } from 'yargs';
import { type Output, PROCESS_OUTPUT } from './output.js';

/**
 * `image sign|inspect|verify`, to be mounted with `yargs.command()`. Verdicts set the exit code through `output`, 0 or 1;
 * wrong use throws a UsageError, which the command line turns into 2.
 */
export const createImageCommand = (output: Output): CommandModule => ({
	command: 'image',
	describe: 'Sign, inspect and verify MCUboot images',
	builder: async (yargs: Argv): Promise<Argv> => {
		const [{ createSignCommand }, { createInspectCommand }, { createVerifyCommand }] = await Promise.all([
			import('./sign-command.js'),
			import('./inspect-command.js'),
			import('./verify-command.js'),
		]);
		return yargs
			.command(createSignCommand(output))
			.command(createInspectCommand(output))
			.command(createVerifyCommand(output))
			.demandCommand(1, 1, 'image: one of sign, inspect or verify was expected')
			.strict()
			.example('$0 image sign app.bin --key root.pem --version 1.2.3', 'Writes app.signed.bin')
			.example('$0 image inspect app.signed.bin', 'Header and TLVs')
			.example('$0 image verify app.signed.bin --key root.pub.pem', '0 accepted, 1 rejected, 2 wrong use');
	},
	handler: () => {},
});

/** The command as the process runs it. */
export const imageCommand: CommandModule = createImageCommand(PROCESS_OUTPUT);
