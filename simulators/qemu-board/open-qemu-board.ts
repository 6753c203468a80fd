import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BoardProcess, startBoardProcess } from '../board/start-board-process.js';
import { type QemuMachine, whyNoQemuBoard } from './machines.js';

export interface QemuBoardOptions {
	readonly name: string;
	readonly machine: QemuMachine;
	/** Where its flash is kept; made as from the factory where there is none. Default: a folder that goes with the board. */
	readonly stateFolder?: string;
}

/** Starts a board in a process of its own, without power. Rejects with the reason where this machine cannot run it. */
export const openQemuBoard = async ({ name, machine, stateFolder }: QemuBoardOptions): Promise<BoardProcess> => {
	const reason = await whyNoQemuBoard(machine);
	if (reason !== null) throw new Error(`board ${name}: ${reason}`);
	return startBoardProcess(name, {
		main: fileURLToPath(new URL('main.js', import.meta.url)),
		options: (folder) => ({
			name,
			machine,
			stateFolder: stateFolder === undefined ? join(folder, 'state') : resolve(stateFolder),
			lineSocketPath: join(folder, 'lines'),
		}),
	});
};
