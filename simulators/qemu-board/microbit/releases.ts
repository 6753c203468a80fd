import { createReleases, type VirtualBoardReleases } from '../../board/releases.js';
import { readMicrobitApplication } from './firmware-files.js';
import { MICROBIT_HARDWARE } from './layout.js';

/** Images that the micro:bit's own type brings: those of the virtual board, compiled for it. */
export const microbitReleases = (): VirtualBoardReleases =>
	createReleases({ type: 'qemu-microbit', hardware: MICROBIT_HARDWARE, readApplication: readMicrobitApplication });
