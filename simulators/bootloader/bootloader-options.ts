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
	/** False: a confirmed image runs without being judged again. */
	readonly verifyEveryBoot: boolean;
}
