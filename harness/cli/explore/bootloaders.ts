import {
	AB_RECORD_SIZE_BYTES,
	alikeEntries,
	alikeRecords,
	BOOTLOADER_NAMES,
	type BootloaderName,
	type BootloaderOptions,
	createBootloader,
	KNOWN_LIMITS,
	OTA_ENTRY_BYTES,
} from '../../../simulators/bootloader/index.js';
import type { BootLayout, Bootloader } from '../../bootloader/index.js';
import type { Contract, KnownLimit, Symmetry } from '../../explorer/index.js';

/** A bootloader that `explore` knows by name. */
export interface ExplorableBootloader {
	readonly name: BootloaderName;
	readonly contract: Contract;
	readonly create: (options: BootloaderOptions) => Bootloader;
	readonly knownLimits: readonly KnownLimit[];
	readonly symmetry?: (layout: BootLayout) => Symmetry;
}

export const TRIAL_BOOTS = 2;

const CONTRACTS: Readonly<Partial<Record<BootloaderName, Contract>>> = {
	ab: { trialBoots: TRIAL_BOOTS, reverts: true, refusesOnTrial: true },
	'esp-otadata': { trialBoots: 1, reverts: true, refusesOnTrial: true, confirms: 'what was asked for', touchLingers: true },
	'mcuboot-swap-offset': { trialBoots: 1, reverts: true, touchLingers: true },
	'mcuboot-overwrite': { trialBoots: 1, reverts: false },
};

const headsOf = (layout: BootLayout, sizeBytes: number) => layout.records.map(({ offsetBytes }) => ({ offsetBytes, sizeBytes }));

const SYMMETRIES: Readonly<Partial<Record<BootloaderName, (layout: BootLayout) => Symmetry>>> = {
	ab: (layout) => ({ areas: headsOf(layout, AB_RECORD_SIZE_BYTES), representative: alikeRecords }),
	'esp-otadata': (layout) => ({ areas: headsOf(layout, OTA_ENTRY_BYTES), representative: alikeEntries }),
};

export const BOOTLOADERS: readonly ExplorableBootloader[] = BOOTLOADER_NAMES.map((name) => {
	const symmetry = SYMMETRIES[name];
	return {
		name,
		contract: CONTRACTS[name] ?? { trialBoots: 1, reverts: true },
		create: (options) => createBootloader(name, options),
		knownLimits: KNOWN_LIMITS[name],
		...(symmetry ? { symmetry } : {}),
	};
});
