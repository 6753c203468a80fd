import type { Slot } from '../../../harness/bootloader/index.js';
import type { Flag, Magic, SwapType, TrailerContent } from './slot-trailer.js';

export type McubootName = 'mcuboot-swap-move' | 'mcuboot-swap-scratch' | 'mcuboot-swap-offset' | 'mcuboot-overwrite';

/** What one trailer must hold for a row to apply; what is absent may be anything. */
export interface TrailerPattern {
	readonly magic?: Magic | 'not-good';
	readonly imageOk?: Flag;
	readonly copyDone?: Flag;
}

/** A row of bootutil's swap table: what two trailers ask for. */
export interface SwapRow {
	readonly primary?: TrailerPattern;
	readonly secondary?: TrailerPattern;
	readonly type: 'test' | 'perm' | 'revert';
}

/** Whose swap status a boot goes on from. */
export type StatusSource = 'none' | 'primary' | 'scratch';

/** A row that says where an interrupted swap left its status; `other` is the scratch area's trailer, or the secondary's where there is no scratch. */
export interface ResumeRow {
	readonly primary: TrailerPattern;
	readonly other?: TrailerPattern;
	readonly source: StatusSource;
}

export type StatusField = 'swap-info' | 'image-ok' | 'swap-size' | 'tlv-sizes' | 'magic';

/**
 * What MCUboot decides by and in which order it writes, as data. Its history is one of single rules that were wrong; one
 * of them put in place of the right one is how the tests prove that such a bug is found.
 */
export interface McubootRules {
	/** In order: the first row that applies. None: no swap. */
	readonly swapRows: readonly SwapRow[];
	/** In order: the first row that applies. None: nothing to go on from. */
	readonly resumeRows: readonly ResumeRow[];
	/** Order in which the start of a swap writes a trailer. */
	readonly startFields: readonly StatusField[];
	/** Order in which an application's request is written. */
	readonly requestFields: readonly ('magic' | 'image-ok' | 'swap-info')[];
	/** Order in which a swap that is over is marked as such. */
	readonly endFields: readonly ('image-ok' | 'copy-done')[];
	/** Whether a step is noted in the status before or after its copy. */
	readonly statusWritten: 'after-copy' | 'before-copy';
	/** Whether a swap goes on where its status says it stopped, or begins anew. */
	readonly resumes: boolean;
	/** Whether the secondary's trailer is erased once the primary's holds the status. */
	readonly startClearsRequest: boolean;
	/** Whether a revert is first written down in the secondary's trailer, so that erasing the primary's cannot lose it. */
	readonly revertIsNoted: boolean;
	/** Which image's length a swap covers. */
	readonly swapCovers: 'the larger' | 'the secondary';
	/** Which slot is erased where the secondary's image does not pass. */
	readonly invalidErases: Slot;
	/** Which image raises the security counter. */
	readonly counterFollows: 'the confirmed' | 'the running';
	/** In which order the scratch area loses its trailer. */
	readonly scratchErased: 'backwards' | 'forwards';
	/** Whether a confirm erases the trailer's sectors and writes them anew, or adds its flag. */
	readonly confirmRewrites: boolean;
	/** When overwrite-only erases the secondary's first and last sector. */
	readonly overwriteClears: 'after-copy' | 'before-copy';
}

const ROW_TEST: SwapRow = { secondary: { magic: 'good', imageOk: 'unset' }, type: 'test' };
const ROW_PERM: SwapRow = { secondary: { magic: 'good', imageOk: 'set' }, type: 'perm' };
/** The secondary's magic may be anything since mcuboot#2100. */
const ROW_REVERT: SwapRow = { primary: { magic: 'good', imageOk: 'unset', copyDone: 'set' }, type: 'revert' };
/** Swap by offset notes a revert in the secondary's trailer as such. */
const ROW_NOTED_REVERT: SwapRow = { secondary: { magic: 'good', imageOk: 'unset', copyDone: 'set' }, type: 'revert' };

const RESUME_WITHOUT_SCRATCH: readonly ResumeRow[] = [{ primary: { magic: 'good', copyDone: 'unset' }, other: { magic: 'not-good' }, source: 'primary' }];

const RESUME_WITH_SCRATCH: readonly ResumeRow[] = [
	{ primary: { magic: 'good', copyDone: 'set' }, other: { magic: 'not-good' }, source: 'none' },
	{ primary: { magic: 'good', copyDone: 'unset' }, other: { magic: 'not-good' }, source: 'primary' },
	{ primary: {}, other: { magic: 'good' }, source: 'scratch' },
	{ primary: { magic: 'unset', copyDone: 'unset' }, source: 'primary' },
];

/** The rules of the bootloader of that name. */
export const rulesOf = (name: McubootName): McubootRules => ({
	swapRows: name === 'mcuboot-swap-offset' ? [ROW_NOTED_REVERT, ROW_TEST, ROW_PERM, ROW_REVERT] : [ROW_TEST, ROW_PERM, ROW_REVERT],
	resumeRows: name === 'mcuboot-swap-scratch' ? RESUME_WITH_SCRATCH : RESUME_WITHOUT_SCRATCH,
	startFields: ['swap-info', 'image-ok', 'swap-size', 'tlv-sizes', 'magic'],
	requestFields: ['magic', 'image-ok', 'swap-info'],
	endFields: ['image-ok', 'copy-done'],
	statusWritten: 'after-copy',
	resumes: true,
	startClearsRequest: true,
	revertIsNoted: true,
	swapCovers: 'the larger',
	invalidErases: 'b',
	counterFollows: 'the confirmed',
	scratchErased: 'backwards',
	confirmRewrites: false,
	overwriteClears: 'after-copy',
});

/** What the trailers of both slots ask for. A flag that is neither set nor unset satisfies no row that names it. */
export const swapTypeOf = (rows: readonly SwapRow[], trailers: { readonly primary: TrailerContent; readonly secondary: TrailerContent }): SwapType => {
	for (const row of rows) {
		if (isLike(trailers.primary, row.primary) && isLike(trailers.secondary, row.secondary)) return row.type;
	}
	return 'none';
};

/** Where an interrupted swap, if there is one, left its status. */
export const resumeSourceOf = (rows: readonly ResumeRow[], trailers: { readonly primary: TrailerContent; readonly other: TrailerContent }): StatusSource => {
	for (const row of rows) {
		if (isLike(trailers.primary, row.primary) && isLike(trailers.other, row.other)) return row.source;
	}
	return 'none';
};

const isLike = (content: TrailerContent, pattern: TrailerPattern | undefined): boolean => {
	if (pattern === undefined) return true;
	const { magic, imageOk, copyDone } = pattern;
	if (magic !== undefined && (magic === 'not-good' ? content.magic === 'good' : content.magic !== magic)) return false;
	return (imageOk === undefined || content.imageOk === imageOk) && (copyDone === undefined || content.copyDone === copyDone);
};
