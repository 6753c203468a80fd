import { FLEET_PROFILES } from '../../../../simulators/device/index.js';
import type { BootloaderName } from '../../../bootloader/index.js';

/** The bootloader of the hardware itself; undefined where no hardware of the fleet has that name. */
export const ownBootloader = (profile: string): BootloaderName | undefined => {
	const found = FLEET_PROFILES.find(({ name }) => name === profile);
	return found === undefined ? undefined : (found.bootloader.name ?? 'ab');
};
