import type { BoardApplication, BoardBootloader } from '../../board/firmware-files.js';
import { type HexRun, joinRuns, readHexFile } from '../../board/intel-hex.js';
import { RUNNING_AT } from './layout.js';

const FOLDER = new URL('../../../../simulators/qemu-board/microbit/firmware/hex/', import.meta.url);

export const readMicrobitBootloader = (name: BoardBootloader): readonly HexRun[] => readHexFile(new URL(`${name}.hex`, FOLDER));

/** Machine code from the beginning of its slot on, without fill or footer. */
export const readMicrobitApplication = (name: BoardApplication): Uint8Array =>
	joinRuns(readHexFile(new URL(`app-${name}.hex`, FOLDER)), { fromBytes: RUNNING_AT });
