export { QEMU_MACHINES, type QemuMachine, whyNoQemuBoard } from './machines.js';
export { openQemuBoard, type QemuBoardOptions } from './open-qemu-board.js';
