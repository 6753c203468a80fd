import { hostname } from 'node:os';
import type { CommandModule } from 'yargs';
import type { RigHostOptions } from '../../../rigs/host/index.js';
import type { Output } from '../image/index.js';
import { declareJson } from './rig-arguments.js';

interface DiscoverArguments {
	readonly json: boolean;
}

/** `rig discover`: what is plugged in, as a rig file to begin with. */
export const createDiscoverCommand = (output: Output, host: RigHostOptions): CommandModule<object, DiscoverArguments> => ({
	command: 'discover',
	describe: 'Print what is plugged in, as a rig file to begin with',
	builder: (yargs) =>
		declareJson(yargs)
			.example('$0 rig discover > rigs/bench.yaml', 'A file to complete and to check')
			.example('$0 rig discover --json', 'Serial ports, GPIO chips and USB hubs as data')
			.epilogue('Reads sysfs, and runs gpioinfo and uhubctl where they are installed. No port is opened and no line is touched.'),
	handler: async ({ json }) => {
		const { createRigHost, createRigSkeleton, listGpioChips, listSerialPorts, listUsbHubs } = await import('../../../rigs/host/index.js');
		const machine = createRigHost(host);
		const [chips, hubs] = await Promise.all([listGpioChips(machine), listUsbHubs(machine)]);
		const found = { ports: listSerialPorts(machine), chips, hubs };
		output.print(json ? JSON.stringify(found) : createRigSkeleton(found, { name: hostname() }).trimEnd());
	},
});
