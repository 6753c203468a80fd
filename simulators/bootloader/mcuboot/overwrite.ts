import type { Sector } from '../../../harness/flash/index.js';
import type { SlotPart } from './slot-part.js';
import type { McubootParts } from './swap-progress.js';

/**
 * Overwrite-only: the whole secondary over the primary, its trailer with it, from the start again after each power loss.
 * `raiseCounter` comes between the copy and the end of the request; the image is in both slots then.
 */
export const overwritePrimary = ({ primary, secondary, rules }: McubootParts, raiseCounter: () => void): void => {
	primary.eraseAll();
	if (rules.overwriteClears === 'before-copy') eraseLast(secondary);
	primary.copyFrom(secondary, { fromBytes: 0, toBytes: 0, sizeBytes: primary.area.sizeBytes });
	raiseCounter();
	const first = secondary.sectors[0] as Sector;
	secondary.erase(first.offsetBytes, first.sizeBytes);
	if (rules.overwriteClears === 'after-copy') eraseLast(secondary);
};

const eraseLast = (part: SlotPart): void => {
	const { offsetBytes, sizeBytes } = part.sectors.at(-1) as Sector;
	part.erase(offsetBytes, sizeBytes);
};

/** Where swap_info begins: what the loader lets an image take of a slot. */
export const largestOverwritableBytes = ({ primary, secondary }: Pick<McubootParts, 'primary' | 'secondary'>): number =>
	Math.min(...[primary, secondary].map(({ area, trailer }) => area.sizeBytes - trailer.fields.swapInfo));
