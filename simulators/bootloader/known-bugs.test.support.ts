import type { FindingClass, TearLevel } from '../../harness/explorer/index.js';
import type { AbRules } from './ab-rules.js';
import type { EspRules } from './esp/index.js';
import type { McubootName, McubootRules } from './mcuboot/index.js';
import { rulesOf } from './mcuboot/index.js';

/** A rule that was wrong in some bootloader once, put into one of ours. */
export type KnownBug = BugFacts &
	(
		| { readonly bootloader: 'ab'; readonly rules: Partial<AbRules> }
		| { readonly bootloader: 'esp-otadata'; readonly rules: Partial<EspRules> }
		| { readonly bootloader: McubootName; readonly rules: Partial<McubootRules> }
	);

/** In each slot. */
interface Part {
	readonly sectors: number;
	readonly sectorSizeBytes: number;
	readonly writeSizeBytes: number;
}

interface BugFacts {
	readonly what: string;
	/** Where it happened. */
	readonly from: string;
	readonly part: Part;
	readonly images: 'old-fills' | 'rising-counter' | 'tampered';
	/** The lowest level of the ladder that catches it. */
	readonly tears: TearLevel;
	readonly class: FindingClass;
	/** Power losses of the shortest way to it. */
	readonly cuts: number;
}

const part = (sectors: number, sectorSizeBytes = 4096): Part => ({ sectors, sectorSizeBytes, writeSizeBytes: 8 });

const revertBefore2100 = (name: McubootName): Partial<McubootRules> => ({
	swapRows: rulesOf(name).swapRows.map((row) => (row.type === 'revert' && row.primary ? { ...row, secondary: { magic: 'unset' } } : row)),
});

const MOVE = { bootloader: 'mcuboot-swap-move', part: part(4), images: 'old-fills' } as const;
const OFFSET = { bootloader: 'mcuboot-swap-offset', part: part(3), images: 'old-fills' } as const;
const SCRATCH = { bootloader: 'mcuboot-swap-scratch', part: part(3), images: 'old-fills' } as const;
const OVERWRITE = { bootloader: 'mcuboot-overwrite', part: part(3), images: 'old-fills' } as const;
const AB = { bootloader: 'ab', part: part(2, 512), images: 'old-fills' } as const;
const ESP = { bootloader: 'esp-otadata', part: part(2, 512), images: 'old-fills' } as const;

export const KNOWN_BUGS: readonly KnownBug[] = [
	{
		...MOVE,
		what: 'a revert is asked for only while the secondary has no magic at all',
		from: 'mcuboot#1966, before #2100',
		rules: revertBefore2100('mcuboot-swap-move'),
		tears: 'L1',
		class: 'confirmed-lost',
		cuts: 1,
	},
	{
		...OFFSET,
		what: 'a revert is asked for only while the secondary has no magic at all',
		from: 'mcuboot#1966, before #2100',
		rules: revertBefore2100('mcuboot-swap-offset'),
		tears: 'L1',
		class: 'confirmed-lost',
		cuts: 1,
	},
	{
		...MOVE,
		what: "a revert is noted nowhere before the primary's trailer is erased",
		from: 'swap_move.c before fixup_revert',
		rules: { revertIsNoted: false },
		tears: 'L0',
		class: 'confirmed-lost',
		cuts: 1,
	},
	{
		...MOVE,
		what: 'a step is in the status before its copy is done: the record before the image',
		from: 'the fault catalogue, P9',
		rules: { statusWritten: 'before-copy' },
		tears: 'L0',
		class: 'never-boots',
		cuts: 1,
	},
	{
		...MOVE,
		what: 'the size of a swap is never written down',
		from: 'mcuboot#829, zephyr#28933',
		rules: { startFields: ['swap-info', 'image-ok', 'magic'] },
		tears: 'L0',
		class: 'trap',
		cuts: 1,
	},
	{
		...MOVE,
		what: 'the magic vouches for a size that is not written yet',
		from: 'mcuboot#829, its order',
		rules: { startFields: ['swap-info', 'image-ok', 'magic', 'swap-size'] },
		tears: 'L1',
		class: 'trap',
		cuts: 3,
	},
	{
		...MOVE,
		images: 'rising-counter',
		what: 'the counter is raised before the image is confirmed, and the old one may not run again',
		from: 'the fault catalogue, X4',
		rules: { counterFollows: 'the running' },
		tears: 'L0',
		class: 'counter-too-high',
		cuts: 1,
	},
	{
		...OFFSET,
		what: 'a swap begins anew over what it has moved',
		from: 'the fault catalogue, P5',
		rules: { resumes: false },
		tears: 'L0',
		class: 'never-boots',
		cuts: 1,
	},
	{
		...OFFSET,
		part: part(4),
		what: "a swap covers the new image's length: the end of a longer old one is left behind",
		from: 'images of unequal length',
		rules: { swapCovers: 'the secondary' },
		tears: 'L0',
		class: 'old-image-lost',
		cuts: 0,
	},
	{
		...OFFSET,
		what: 'a request stands after it was carried out',
		from: 'mcuboot#480, an extra swap at the next boot',
		rules: { startClearsRequest: false },
		tears: 'L0',
		class: 'unconfirmed-kept',
		cuts: 0,
	},
	{
		...SCRATCH,
		what: "the status in the scratch area is looked for in the primary's trailer",
		from: 'scratch status read from the wrong area',
		rules: { resumeRows: rulesOf('mcuboot-swap-scratch').resumeRows.map((row) => (row.source === 'scratch' ? { ...row, source: 'primary' } : row)) },
		tears: 'L0',
		class: 'never-boots',
		cuts: 1,
	},
	{
		...SCRATCH,
		images: 'tampered',
		what: 'an image that does not pass erases the good slot',
		from: 'the fault catalogue, F11 and M1',
		rules: { invalidErases: 'a' },
		tears: 'L0',
		class: 'never-boots',
		cuts: 0,
	},
	{
		...OVERWRITE,
		what: 'the request is gone before the copy is whole',
		from: 'the fault catalogue, P1',
		rules: { overwriteClears: 'before-copy' },
		tears: 'L0',
		class: 'never-boots',
		cuts: 1,
	},
	{
		...OVERWRITE,
		what: 'a request writes its flags before the magic that vouches for them',
		from: 'the fault catalogue, P9',
		rules: { requestFields: ['swap-info', 'image-ok', 'magic'] },
		tears: 'L0',
		class: 'api-refuses',
		cuts: 1,
	},
	{
		...AB,
		what: 'one record, erased and then written: a confirm, or anything else',
		from: 'the fault catalogue, P10',
		rules: { recordGoesTo: 'the newest copy' },
		tears: 'L0',
		class: 'confirmed-lost',
		cuts: 1,
	},
	{
		...AB,
		what: 'the trials of an image are not counted',
		from: 'the fault catalogue, T5',
		rules: { countsTrials: false },
		tears: 'L0',
		class: 'unconfirmed-kept',
		cuts: 0,
	},
	{
		...AB,
		images: 'rising-counter',
		what: 'the counter is raised before the image is confirmed',
		from: 'the fault catalogue, X4',
		rules: { counterFollows: 'the running' },
		tears: 'L0',
		class: 'counter-too-high',
		cuts: 0,
	},
	{
		...AB,
		what: 'half a record counts as one: nobody looks at its checksum',
		from: 'the fault catalogue, P11',
		rules: { checksRecord: false },
		tears: 'L1',
		class: 'unconfirmed-kept',
		cuts: 1,
	},
	{
		...AB,
		what: 'a copy of the record that cannot be read stops every boot, though the other one can',
		from: 'mcuboot#2845, zephyr#33140',
		rules: { unreadableCopy: 'an end' },
		tears: 'L3',
		class: 'never-boots',
		cuts: 1,
	},
	{
		...ESP,
		what: 'an app that never confirmed itself is not given up',
		from: 'esp-idf#5950, a bootloader that knows no states',
		rules: { abortsPending: false },
		tears: 'L0',
		class: 'unconfirmed-kept',
		cuts: 0,
	},
	{
		...ESP,
		what: 'half an entry counts as one: nobody looks at its checksum',
		from: 'the fault catalogue, P11',
		rules: { checksEntries: false },
		tears: 'L1',
		class: 'unconfirmed-kept',
		cuts: 1,
	},
	{
		...ESP,
		what: 'where the wanted app does not pass nothing runs',
		from: 'esp-idf#14808, a slot half written',
		rules: { triesOthers: false },
		tears: 'L0',
		class: 'never-boots',
		cuts: 0,
	},
	{
		...ESP,
		images: 'rising-counter',
		what: 'the counter is raised for an app on trial',
		from: 'the fault catalogue, X4',
		rules: { counterFollows: 'the active' },
		tears: 'L0',
		class: 'counter-too-high',
		cuts: 0,
	},
];
