import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BoardProcess, startBoardProcess } from '../board/start-board-process.js';
import { findMachineQemu, machineOf, type QemuMachine } from './machines.js';
import type { QemuBoardProcessOptions } from './process-options.js';

export interface QemuBoardOptions {
	/** Its serial number too. */
	readonly name: string;
	readonly machine: QemuMachine;
	/** What it runs: one of the machine's builds, the usual one by default. */
	readonly build?: string | undefined;
	/** Path of a bootloader in place of the machine's own. */
	readonly firmware?: string | undefined;
	/** Where its flash is kept; made as from the factory where there is none. Default: a folder that goes with the board. */
	readonly stateFolder?: string;
}

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));

/** Starts a board in a process of its own, without power. Rejects with the reason where this machine cannot run it. */
export const openQemuBoard = async ({ name, machine, build, firmware, stateFolder }: QemuBoardOptions): Promise<BoardProcess> => {
	const { builds } = machineOf(machine);
	const [usual] = builds as [string];
	if (build !== undefined && !builds.includes(build))
		throw new RangeError(`board ${name}: a build of ${machine} was expected (${builds.join(', ')}), got '${build}'`);
	const found = await findMachineQemu(machine, { firmware });
	if ('reason' in found) throw new Error(`board ${name}: ${found.reason}`);
	return startBoardProcess(name, {
		main: MAIN,
		options: (folder): QemuBoardProcessOptions => ({
			name,
			machine,
			build: build ?? usual,
			qemu: found.path,
			...(firmware === undefined ? {} : { firmware: resolve(firmware) }),
			stateFolder: stateFolder === undefined ? join(folder, 'state') : resolve(stateFolder),
			lineSocketPath: join(folder, 'lines'),
		}),
	});
};
