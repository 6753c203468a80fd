import { isDeepStrictEqual } from 'node:util';
import type { FlasherPort } from '../../harness/ports/index.js';
import { createToolFlasher } from '../drivers/flasher/index.js';
import type { BoardSpec, SerialAddress } from '../rig-file/index.js';

export interface FlasherHost {
	readonly findPort: (address: SerialAddress) => string;
	/** Where what the tool says is added. */
	readonly logFile?: string | undefined;
}

/**
 * The flasher of a real board. Undefined where its type has none, and where it would need the port that the console of the board
 * holds for as long as the board is open.
 */
export const createBoardFlasher = ({ name, identity, flasher, console, backend }: BoardSpec, { findPort, logFile }: FlasherHost): FlasherPort | undefined => {
	if (backend !== 'real' || flasher === undefined || flasher.tool === 'virtual' || sharesPort({ flasher, console })) return undefined;
	const { address } = flasher;
	return createToolFlasher({
		name,
		spec: flasher,
		identity,
		...(address === undefined ? {} : { resolvePort: async () => findPort(address) }),
		...(logFile === undefined ? {} : { logFile }),
	});
};

/** Tools that talk through a serial port; the others reach a board by its probe or by USB. */
const SERIAL_TOOLS: readonly string[] = ['esptool', 'avrdude'];

export const sharesPort = ({ flasher, console }: Pick<BoardSpec, 'flasher' | 'console'>): boolean =>
	flasher !== undefined && SERIAL_TOOLS.includes(flasher.tool) && isDeepStrictEqual(flasher.address, console.address);
