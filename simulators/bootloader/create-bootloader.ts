import type { Bootloader } from '../../harness/bootloader/index.js';
import { createAbBootloader } from './ab-bootloader.js';
import type { BootloaderOptions } from './bootloader-options.js';
import { createEspBootloader } from './esp/index.js';
import { createMcuboot } from './mcuboot/index.js';

/** The bootloaders there are, by the name that command lines and profiles use. */
export const BOOTLOADER_NAMES = ['ab', 'mcuboot-swap-move', 'mcuboot-swap-scratch', 'mcuboot-swap-offset', 'mcuboot-overwrite', 'esp-otadata'] as const;
export type BootloaderName = (typeof BOOTLOADER_NAMES)[number];

/** Throws a RangeError for a layout or settings that the bootloader cannot have. */
export const createBootloader = (name: BootloaderName, options: BootloaderOptions): Bootloader => {
	if (name === 'ab') return createAbBootloader(options);
	if (name === 'esp-otadata') return createEspBootloader(options);
	return createMcuboot(name, options);
};

export const isBootloaderName = (name: string): name is BootloaderName => (BOOTLOADER_NAMES as readonly string[]).includes(name);
