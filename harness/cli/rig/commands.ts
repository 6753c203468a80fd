import type { Argv } from 'yargs';
import { createCheckCommand } from './check-command.js';
import { createConsoleCommand } from './console-command.js';
import { createDiscoverCommand } from './discover-command.js';
import { createDoctorCommand } from './doctor-command.js';
import { createListCommand } from './list-command.js';
import { createPowerCommand } from './power-command.js';
import { createRepairCommand } from './repair-command.js';
import type { RigCommandOptions } from './rig-command.js';
import { createSchemaCommand } from './schema-command.js';

/** Mounts what `rig` is followed by, in the order of its help. */
export const mountRigCommands = (yargs: Argv, { directory, host, output }: Required<RigCommandOptions>): Argv =>
	yargs
		.command(createCheckCommand(output, { directory }))
		.command(createListCommand(output, { directory }))
		.command(createDiscoverCommand(output, host))
		.command(createDoctorCommand(output, { directory, host }))
		.command(createConsoleCommand(output, { directory }))
		.command(createPowerCommand(output, { directory }))
		.command(createRepairCommand(output, { directory }))
		.command(createSchemaCommand(output));
