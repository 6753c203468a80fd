import type { Bootloader, BootloaderName } from '../../harness/bootloader/index.js';
import { createAbBootloader } from './ab-bootloader.js';
import type { BootloaderOptions } from './bootloader-options.js';
import { createEspBootloader } from './esp/index.js';
import { createMcuboot } from './mcuboot/index.js';

/** The bootloader of that name. Throws a RangeError for a layout or settings that the bootloader cannot have. */
export const createBootloader = (name: BootloaderName, options: BootloaderOptions): Bootloader => {
	if (name === 'ab') return createAbBootloader(options);
	if (name === 'esp-otadata') return createEspBootloader(options);
	return createMcuboot(name, options);
};
