import type { BootLayout, ImageJudge, SecurityCounter } from '../../harness/bootloader/index.js';
import type { FlashPort } from '../../harness/flash/index.js';

/** What a bootloader runs on. */
export interface BootloaderOptions {
	readonly flash: FlashPort;
	readonly layout: BootLayout;
	readonly settings: BootSettings;
	readonly judge: ImageJudge;
	readonly counter: SecurityCounter;
}

/** How a bootloader was built. */
export interface BootSettings {
	/** Boots that a trial of `ab` gets to confirm itself, 1 to 255; the others give one. */
	readonly trialBoots: number;
	/** False: a confirmed image runs without being judged again. MCUboot's MCUBOOT_VALIDATE_PRIMARY_SLOT. */
	readonly verifyEveryBoot: boolean;
	/** MCUboot's BOOT_MAX_IMG_SECTORS, which the trailer's size follows. Default 128. */
	readonly maxSectors?: number;
	/** MCUboot's MCUBOOT_DOWNGRADE_PREVENTION: an older image is erased when its swap is asked for. Default `off`. */
	readonly preventsDowngrade?: 'off' | 'by-version' | 'by-counter';
}

export const BOOT_SETTING_DEFAULTS = { maxSectors: 128, preventsDowngrade: 'off' } as const;
