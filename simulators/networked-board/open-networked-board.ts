import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BoardProcess, startBoardProcess } from '../board/start-board-process.js';
import type { NetworkedBoardProcessOptions } from './process-options.js';

export interface NetworkedBoardOptions {
	/** Its serial number too: up to 16 characters of ASCII. */
	readonly name: string;
	/** Where its flash is kept; made as from the factory where there is none. Default: a file that goes with the board. */
	readonly stateFile?: string;
	readonly seed?: number;
	/** Path of the image it leaves the factory with; golden by default. */
	readonly image?: string;
}

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));

/** Starts a board in a process of its own, without power. Rejects with what the process said where it does not come up. */
export const openNetworkedBoard = ({ name, stateFile, seed = 1, image }: NetworkedBoardOptions): Promise<BoardProcess> =>
	startBoardProcess(name, {
		main: MAIN,
		options: (folder): NetworkedBoardProcessOptions => {
			const told = { name, seed, stateFile: resolve(stateFile ?? join(folder, 'state')), lineSocketPath: join(folder, 'lines') };
			return image === undefined ? told : { ...told, image: resolve(image) };
		},
	});
