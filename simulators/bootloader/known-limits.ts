import type { BootloaderName } from '../../harness/bootloader/index.js';
import type { KnownLimit } from '../../harness/explorer/index.js';
import { ESP_LIMITS } from './esp/index.js';
import { MCUBOOT_LIMITS } from './mcuboot/index.js';

/** What the real bootloaders break too and a walk can see; README.md has the table, with more that no walk can see. */
export const KNOWN_LIMITS: Readonly<Record<BootloaderName, readonly KnownLimit[]>> = { ab: [], 'esp-otadata': ESP_LIMITS, ...MCUBOOT_LIMITS };
