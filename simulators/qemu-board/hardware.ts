import type { BoardFlashArea } from '../board/factory.js';

/** What an emulated machine is made of, apart from the QEMU that runs it. */
export interface QemuHardware {
	/** Words of QEMU's command line. */
	readonly words: readonly string[];
	/** What a programmer reads of the chip. */
	readonly signature: string;
	/** Makes the files of what outlives the power, as from the factory, where they are not there. */
	manufacture(): void;
	/**
	 * Writes an area of that memory, while nothing runs: `golden`: all of it as from the factory, with that image; `primary`: the
	 * slot that runs; `secondary`: where an update goes. Throws a RangeError for an image that does not fit.
	 */
	program(area: BoardFlashArea, image: Uint8Array): void;
	/** Memory that QEMU does not write through to a file by itself. */
	readonly memory?: CarriedMemory;
}

/** Memory that is carried over a power cut: into the machine before it runs, out of it once it stands still. */
export interface CarriedMemory {
	/** Through QEMU's gdb stub. */
	restore(gdbPath: string): Promise<void>;
	/** What QEMU's `memsave` is told. */
	readonly draft: { readonly val: number; readonly size: number; readonly filename: string };
	/** Makes the draft the file that counts. */
	keep(): void;
}

export interface HardwareOptions {
	/** For all that it keeps. */
	readonly folder: string;
	/** One of the machine's builds. */
	readonly build: string;
	/** Path of a bootloader in place of the machine's own. */
	readonly firmware?: string | undefined;
}
