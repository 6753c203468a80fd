import { FlashError } from '../../../harness/flash/index.js';
import { swapTypeOf } from './rules.js';
import { ERASED_TRAILER, type SlotTrailer, type TrailerContent } from './slot-trailer.js';
import type { McubootParts } from './swap-progress.js';

/** Both trailers; null where the primary's cannot be read; a secondary that cannot be read counts as empty. */
export const readTrailers = ({ primary, secondary }: McubootParts): { readonly primary: TrailerContent; readonly secondary: TrailerContent } | null => {
	const content = readTrailer(primary.trailer);
	return content === null ? null : { primary: content, secondary: readTrailer(secondary.trailer) ?? ERASED_TRAILER };
};

/** What the trailers ask for now. A primary trailer that cannot be read asks for nothing here: the loader stops over it elsewhere. */
export const isRevertAsked = (parts: McubootParts): boolean => {
	const trailers = readTrailers(parts);
	return trailers !== null && swapTypeOf(parts.rules.swapRows, trailers) === 'revert';
};

const readTrailer = (trailer: SlotTrailer): TrailerContent | null => {
	try {
		return trailer.read();
	} catch (error) {
		if (error instanceof FlashError && error.code === 'unreadable') return null;
		throw error;
	}
};
