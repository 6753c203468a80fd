import { FlashError } from '../../../harness/flash/index.js';
import type { McubootRules, StatusSource } from './rules.js';
import type { HeaderPlace, SlotHeader } from './slot-image.js';
import type { SlotPart } from './slot-part.js';
import type { SwapType } from './slot-trailer.js';

/** How far a swap is, in MCUboot's words: `index` counts sectors or regions from 1, `state` the steps of one from 1. */
export interface SwapProgress {
	op: 'move' | 'swap';
	index: number;
	state: number;
	source: StatusSource;
	/** As the status source's trailer has it. */
	swapType: SwapType;
	/** Bytes that the swap covers, from the start of either slot. */
	sizeBytes: number;
	/** The status is kept in the scratch area for now. */
	usesScratch: boolean;
	/** Of the unprotected TLVs of both images, as they were before the swap. */
	readonly tlvBytes: { primary: number; secondary: number };
}

export const createProgress = (op: SwapProgress['op']): SwapProgress => ({
	op,
	index: 1,
	state: 1,
	source: 'none',
	swapType: 'none',
	sizeBytes: 0,
	usesScratch: false,
	tlvBytes: { primary: 0, secondary: 0 },
});

/** The flash of one MCUboot, and what it goes by. */
export interface McubootParts {
	readonly primary: SlotPart;
	readonly secondary: SlotPart;
	/** Null where the strategy has none. */
	readonly scratch: SlotPart | null;
	readonly rules: McubootRules;
	/** MCUBOOT_VALIDATE_PRIMARY_SLOT: the primary is judged at every boot, and a status that cannot be written is no reason to stop. */
	readonly validatesPrimary: boolean;
}

export interface SwapHeaders {
	readonly primary: SlotHeader;
	readonly secondary: SlotHeader;
}

/** One way of swapping two slots. */
export interface SwapStrategy {
	/** Where a fresh swap begins. */
	readonly firstOp: SwapProgress['op'];
	/** The largest image with its TLVs that can be swapped in and out again. */
	readonly largestImageBytes: number;
	/** Takes over what the status in `part` says. Throws FlashError where it cannot be read. */
	readStatus(part: SlotPart, progress: SwapProgress): void;
	/** Where the header of a slot's image lies in the middle of a swap. */
	locateHeader(slot: 'primary' | 'secondary', progress: SwapProgress): HeaderPlace;
	/** Swaps, or goes on. */
	run(progress: SwapProgress, headers: SwapHeaders): void;
}

/** Writes the trailer that a swap begins with. */
export const writeStartTrailer = (parts: McubootParts, options: { readonly to: SlotPart; readonly progress: SwapProgress }): void => {
	const { trailer } = options.to;
	const { swapType, sizeBytes, tlvBytes } = options.progress;
	const isPermanent = parts.secondary.trailer.read().imageOk === 'set';
	for (const field of parts.rules.startFields) {
		if (field === 'swap-info' && swapType !== 'none') trailer.writeSwapInfo(swapType);
		else if (field === 'image-ok' && isPermanent) trailer.writeImageOk();
		else if (field === 'swap-size') trailer.writeSwapSize(sizeBytes);
		else if (field === 'tlv-sizes' && trailer.fields.tlvSizes !== null) trailer.writeTlvSizes(tlvBytes);
		else if (field === 'magic') trailer.writeMagic();
	}
};

/** Does one step of a swap and notes it as status entry `entry`. */
export const doStep = (parts: McubootParts, options: { readonly progress: SwapProgress; readonly entry: number; readonly work: () => void }): void => {
	const { progress, entry, work } = options;
	if (parts.rules.statusWritten === 'before-copy') noteStep(parts, { progress, entry });
	work();
	if (parts.rules.statusWritten === 'after-copy') noteStep(parts, { progress, entry });
};

/** A status that the flash does not take is counted and forgotten where the primary is judged anyway. */
const noteStep = (parts: McubootParts, options: { readonly progress: SwapProgress; readonly entry: number }): void => {
	const { progress, entry } = options;
	const part = progress.usesScratch && parts.scratch !== null ? parts.scratch : parts.primary;
	try {
		part.trailer.writeStatus(entry, progress.state);
	} catch (error) {
		if (!(error instanceof FlashError) || !parts.validatesPrimary) throw error;
	}
};

/** The last entry of a status that was written, counted from 1; 0 where none is. */
export const lastEntryOf = (status: Uint8Array, options: { readonly entries: number; readonly erasedByte: number }): number => {
	const unitBytes = status.length / options.entries;
	for (let entry = options.entries; entry > 0; entry--) {
		if (status[(entry - 1) * unitBytes] !== options.erasedByte) return entry;
	}
	return 0;
};
