import { IMAGE_MAGIC } from '../../../harness/firmware/index.js';
import type { Remains } from '../../../harness/explorer/index.js';
import { type FlashArea, FlashError, type FlashPort, sectorAt } from '../../../harness/flash/index.js';
import { SlotTrailer, type TrailerContent } from './slot-trailer.js';
import { lastEntryOf } from './swap-progress.js';

/** How things stand with a swap by what its trailers say; null for a trailer that cannot be read. */
export interface Standing {
	readonly primary: TrailerContent | null;
	readonly secondary: TrailerContent | null;
	/** Sectors that the swap under way covers; 0: none is. */
	readonly swapSectors: number;
	/** Sectors of those that the status has as done, with the steps of two that the next one has behind it. */
	readonly done: { readonly sectors: number; readonly steps: number };
	/** Null too where there is no scratch area. */
	readonly scratch: TrailerContent | null;
	/** The scratch area has a trailer that speaks of a region, and not that region's beginning. */
	readonly isScratchHollow: boolean;
	/** A revert is asked for, and the secondary has an image where updates lie and none where a swap by offset puts the old one. */
	readonly isUpdateToRevertTo: boolean;
}

const NOTHING_DONE = { sectors: 0, steps: 0 };

/** Swaps without a scratch area take the primary's first sector for all of them. */
export const hasUnequalSectors = ({ flash, layout: { slotA } }: Remains): boolean => new Set(sectorSizesOf(flash, slotA)).size > 1;

const sectorSizesOf = ({ geometry }: FlashPort, area: FlashArea): readonly number[] => {
	const sizes: number[] = [];
	for (let at = area.offsetBytes; at < area.offsetBytes + area.sizeBytes; ) {
		const { sizeBytes } = sectorAt(geometry, at);
		sizes.push(sizeBytes);
		at += sizeBytes;
	}
	return sizes;
};

/** For slots as layOutBootloader makes them; the status as swap by offset keeps it. */
export const readStanding = ({ flash, layout }: Remains): Standing => {
	const { slotA, slotB, scratch } = layout;
	const { writeSizeBytes, erasedByte } = flash.geometry;
	const sectorBytes = sectorAt(flash.geometry, slotA.offsetBytes).sizeBytes;
	const maxSectors = Math.max(128, sectorSizesOf(flash, slotB).length);
	const shape = { writeSizeBytes, maxAlignBytes: Math.max(8, writeSizeBytes), maxSectors, swapsByOffset: slotB.sizeBytes > slotA.sizeBytes };
	const trailerOf = (area: FlashArea): SlotTrailer => new SlotTrailer(flash, { area, shape });
	const trailer = trailerOf(slotA);
	const primary = readOrNull(() => trailer.read());
	const isSwapping = primary?.magic === 'good' && primary.copyDone !== 'set';
	const { statusEntries } = trailer.fields;
	const entries = isSwapping ? (readOrNull(() => lastEntryOf(trailer.readStatus(statusEntries), { entries: statusEntries, erasedByte })) ?? 0) : 0;
	// It keeps the status of one region only.
	const inScratch = scratch === null ? null : new SlotTrailer(flash, { area: scratch, shape: { ...shape, maxSectors: 1 } });
	const hasStatus = (of: SlotTrailer): boolean => of.readMagic() === 'good' && of.readStatus(1)[0] !== erasedByte;
	const isImageAt = (offsetBytes: number): boolean => readOrNull(() => Buffer.from(flash.read(offsetBytes, 4)).readUInt32LE()) === IMAGE_MAGIC;
	const isOnTrial = primary?.magic === 'good' && primary.copyDone === 'set' && primary.imageOk === 'unset';
	return {
		primary,
		secondary: readOrNull(() => trailerOf(slotB).read()),
		swapSectors: isSwapping ? Math.ceil((readOrNull(() => trailer.readSwapSize()) ?? 0) / sectorBytes) : 0,
		done: isSwapping ? { sectors: entries >> 1, steps: entries & 1 } : NOTHING_DONE,
		scratch: inScratch === null ? null : readOrNull(() => inScratch.read()),
		isScratchHollow: scratch !== null && inScratch !== null && flash.isErased(scratch.offsetBytes, 32) && readOrNull(() => hasStatus(inScratch)) === true,
		isUpdateToRevertTo: isOnTrial && !isImageAt(slotB.offsetBytes) && isImageAt(slotB.offsetBytes + sectorBytes),
	};
};

const readOrNull = <Value>(read: () => Value): Value | null => {
	try {
		return read();
	} catch (error) {
		if (error instanceof FlashError && error.code === 'unreadable') return null;
		throw error;
	}
};
