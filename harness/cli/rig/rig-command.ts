import type { Argv, CommandModule } from 'yargs';
import type { RigHostOptions } from '../../../rigs/host/index.js';
import { type Output, PROCESS_OUTPUT } from '../image/output.js';

const EXPECTED = 'rig: one of check, list, discover, doctor, console, power, repair or schema was expected';

export interface RigCommandOptions {
	readonly directory: string;
	/** The machine that is looked at, for tests. */
	readonly host?: RigHostOptions;
	readonly output?: Output;
}

/** `rig …`, to be mounted with `yargs.command()`; wrong use and wrong rig files throw a UsageError, which the command line turns into 2. */
export const createRigCommand = ({ directory, host = {}, output = PROCESS_OUTPUT }: RigCommandOptions): CommandModule => ({
	command: 'rig',
	describe: 'Check, list, find and repair the boards of a rig',
	builder: async (yargs: Argv): Promise<Argv> => {
		const { mountRigCommands } = await import('./commands.js');
		return mountRigCommands(yargs, { directory, host, output })
			.demandCommand(1, 1, EXPECTED, EXPECTED)
			.strict()
			.example('$0 rig discover > rigs/bench.yaml', 'A rig file to begin with')
			.example('$0 rig check rigs/bench.yaml', 'Its schema, then every board')
			.epilogue(
				'Exit codes: 0 good, 2 wrong use or a wrong rig file, 3 a rig fault. Without --rig it is the only file in rigs, else the virtual rig. rigs/README.md tells of leases, the safe state, wiring and error codes.',
			);
	},
	handler: () => {},
});
