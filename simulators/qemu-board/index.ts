export { isQemuMachine, QEMU_MACHINES, type QemuMachine, whyNoQemuBoard } from './machines.js';
export { microbitReleases } from './microbit/releases.js';
export { openQemuBoard, type QemuBoardOptions } from './open-qemu-board.js';
export { UBOOT_APPLICATIONS, type UbootApplication, type UbootImage, ubootImage } from './uboot/releases.js';
