export { crc16 } from './crc16.js';
export { measureEmulation } from './measure-emulation.js';
export { createBoardSubject } from './explored/board-subject.js';
export { BOARD_BOOTLOADERS, type BoardBootloader } from './firmware-files.js';
export type { BoardProcess } from './start-board-process.js';
export { openVirtualBoard, type VirtualBoard, type VirtualBoardOptions } from './open-virtual-board.js';
export { type BadBehaviour, type VirtualBoardReleases, virtualBoardReleases } from './releases.js';
