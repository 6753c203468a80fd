import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BoardProcessOptions } from './process/board-options.js';
import { type BoardProcess, startBoardProcess } from './start-board-process.js';

export interface VirtualBoardOptions {
	/** Its serial number too: up to 16 characters of ASCII. */
	readonly name: string;
	/** Where flash and EEPROM are kept; made as from the factory where there is none. Default: a file that goes with the board. */
	readonly stateFile?: string;
	/** Of what cuts leave of an operation; 1 by default. */
	readonly seed?: number;
	/** `boot`, one of those broken on purpose (`boot-record-early`, `boot-no-journal`), or the path of an Intel HEX file. */
	readonly bootloader?: string;
	/** Path of the image it leaves the factory with; golden by default. */
	readonly image?: string;
}

export interface VirtualBoard extends BoardProcess {
	readonly stateFile: string;
}

const MAIN = fileURLToPath(new URL('process/main.js', import.meta.url));

/** Starts a board in a process of its own, without power. Rejects with what the process said where it does not come up. */
export const openVirtualBoard = async ({ name, seed = 1, bootloader = 'boot', image, stateFile }: VirtualBoardOptions): Promise<VirtualBoard> => {
	let kept = '';
	const board = await startBoardProcess(name, {
		main: MAIN,
		options: (folder): BoardProcessOptions => {
			kept = resolve(stateFile ?? join(folder, 'state'));
			const told = { name, seed, bootloader, stateFile: kept, lineSocketPath: join(folder, 'lines') };
			return image === undefined ? told : { ...told, image: resolve(image) };
		},
	});
	return { ...board, stateFile: kept };
};
