import type { QemuMachine } from './machines.js';

/** What the process of a board is told, as JSON in its one argument. Files by absolute path. */
export interface QemuBoardProcessOptions {
	readonly name: string;
	readonly machine: QemuMachine;
	readonly build: string;
	/** Program that runs it. */
	readonly qemu: string;
	readonly firmware?: string;
	readonly stateFolder: string;
	readonly lineSocketPath: string;
}
