import type { KnownLimit, Remains } from '../../../harness/explorer/index.js';
import type { FlashArea } from '../../../harness/flash/index.js';
import type { McubootName } from './rules.js';
import { hasUnequalSectors, readStanding } from './standing.js';

const overlap = (left: FlashArea, right: FlashArea): boolean =>
	left.offsetBytes < right.offsetBytes + right.sizeBytes && right.offsetBytes < left.offsetBytes + left.sizeBytes;

/** Stretches that cannot be read of what the bootloader keeps anything in. */
const errorsOf = ({ inError, layout: { slotA, slotB, scratch } }: Remains): readonly FlashArea[] =>
	inError.filter((area) => [slotA, slotB, ...(scratch === null ? [] : [scratch])].some((part) => overlap(area, part)));

const isSector = ({ sizeBytes }: FlashArea, { flash }: Remains): boolean => sizeBytes > flash.geometry.writeSizeBytes;

const isTorn = (remains: Remains): boolean => {
	const { primary, secondary } = readStanding(remains);
	return [primary, secondary].some((trailer) => trailer !== null && (trailer.imageOk === 'bad' || trailer.copyDone === 'bad'));
};

/** Anything may come of it: what cannot be read stands for a trailer, for a status or for a part of an image. */
const UNREADABLE_CLASSES: KnownLimit['classes'] = [
	'trap',
	'never-boots',
	'fails-then-recovers',
	'boots-a-mix',
	'confirmed-lost',
	'unconfirmed-kept',
	'old-image-lost',
	'update-not-taken',
	'api-refuses',
];

const UNREADABLE_SECTOR: KnownLimit = {
	name: 'unreadable-sector',
	classes: UNREADABLE_CLASSES,
	leastCuts: 1,
	level: 'L3',
	shows: (remains) => errorsOf(remains).some((area) => isSector(area, remains)),
	what: "an erase torn into a sector that cannot be read: a trailer or the primary's first sector stops every boot",
	source: 'mcuboot#2845',
};

const UNREADABLE_WORD: KnownLimit = {
	name: 'unreadable-word',
	classes: UNREADABLE_CLASSES,
	leastCuts: 1,
	level: 'L3',
	shows: (remains) => errorsOf(remains).some((area) => !isSector(area, remains)),
	what: 'a status or trailer word that reads as an error until erased: the swap is forgotten half way, or an assertion stops every boot',
	source: 'mcuboot#2845',
};

const TORN_REQUEST: KnownLimit = {
	name: 'torn-request',
	classes: ['api-refuses'],
	detail: /^(trial|permanent): record-damaged/,
	leastCuts: 1,
	level: 'L1',
	shows: (remains) => readStanding(remains).secondary?.magic === 'bad',
	what: 'a request that power tore is answered with an error and an erased slot',
	source: 'MCUboot boot/bootutil/src/bootutil_public.c, boot_set_next',
};

const TORN_FLAG: KnownLimit = {
	name: 'torn-flag',
	classes: ['unconfirmed-kept', 'update-not-taken', 'confirmed-lost', 'counter-too-high'],
	leastCuts: 1,
	level: 'L1',
	shows: isTorn,
	what: 'a flag with other bits than it should have is neither set nor unset: a trial is never taken back, a request for good is never carried out and stands in the way of the next',
	source: 'MCUboot boot/bootutil/src/bootutil_public.c, boot_swap_tables and boot_set_next',
};

const TORN_REVERT_NOTE: KnownLimit = {
	name: 'torn-revert-note',
	classes: ['confirmed-lost', 'unconfirmed-kept', 'counter-too-high'],
	leastCuts: 2,
	level: 'L1',
	shows: (remains) => readStanding(remains).secondary?.magic === 'bad',
	what: "a revert is noted in the secondary's trailer; where power tears the note's magic it is not noted again, and power that goes once more, when the primary's trailer is erased, leaves the image on trial for good",
	source: 'MCUboot boot/bootutil/src/swap_move.c and swap_offset.c, fixup_revert: `swap_state.magic == BOOT_MAGIC_UNSET`',
};

const TORN_CONFIRM: KnownLimit = {
	name: 'torn-confirm',
	classes: ['api-refuses'],
	detail: /^confirm: record-damaged/,
	leastCuts: 1,
	level: 'L1',
	shows: (remains) => readStanding(remains).primary?.magic === 'bad',
	what: "power tore the trailer that a swap begins with, and the swap was given up: the running image's confirm is answered with an error",
	source: 'MCUboot boot/bootutil/src/bootutil_public.c, boot_set_next: `case BOOT_MAGIC_BAD`',
};

const ERASED_SECONDARY: KnownLimit = {
	name: 'erased-secondary',
	classes: ['counter-too-high'],
	when: 'touched',
	what: 'the application erases the secondary slot while its own image is on trial: that image counts as confirmed from the next boot on, and the security counter follows it',
	source: 'MCUboot boot/bootutil/src/loader.c, boot_validate_slot',
};

const UNEQUAL_SECTORS: KnownLimit = {
	name: 'unequal-sectors',
	classes: [...UNREADABLE_CLASSES, 'counter-too-high', 'trial-cut-short'],
	shows: hasUnequalSectors,
	what: "slots whose sectors are not of one size pass for compatible, and are swapped as if every sector were as long as the primary's first: it erases half a sector, which flash refuses, or two",
	source: 'MCUboot boot/bootutil/src/swap_move.c and swap_offset.c: boot_slots_compatible, and `sector_sz` of swap_run',
};

const WRITE_ONCE_OVERWRITE: KnownLimit = {
	name: 'write-once-overwrite',
	classes: ['api-refuses'],
	detail: /^confirm: record-damaged/,
	shows: ({ flash }) => flash.geometry.writeOnce,
	what: "the trailer's blank rest is programmed with the image: flash that takes a unit once refuses the confirm",
	source: 'MCUboot boot/bootutil/src/loader.c, boot_copy_image',
};

const COMMON = [UNREADABLE_SECTOR, UNREADABLE_WORD, TORN_REQUEST, TORN_FLAG];

/** What MCUboot's own code breaks too. */
export const MCUBOOT_LIMITS: Readonly<Record<McubootName, readonly KnownLimit[]>> = {
	'mcuboot-swap-move': [UNEQUAL_SECTORS, ...COMMON, TORN_CONFIRM, TORN_REVERT_NOTE, ERASED_SECONDARY],
	'mcuboot-swap-scratch': [
		...COMMON,
		TORN_CONFIRM,
		{
			name: 'restarted-start',
			classes: ['confirmed-lost', 'unconfirmed-kept', 'counter-too-high', 'trap'],
			leastCuts: 2,
			shows: (remains) => {
				const { primary, scratch } = readStanding(remains);
				return scratch?.magic === 'good' && primary?.magic !== 'good';
			},
			what: "power goes while the primary's trailer is written anew, with what is asked for in the scratch area alone; the next boot begins with erasing that, and power that goes once more loses it: a revert is never carried out",
			source: 'MCUboot boot/bootutil/src/swap_scratch.c, boot_swap_sectors: BOOT_STATUS_STATE_0',
		},
		{
			name: 'half-erased-scratch',
			classes: ['never-boots', 'fails-then-recovers', 'trap'],
			leastCuts: 1,
			level: 'L1',
			shows: (remains) => readStanding(remains).isScratchHollow,
			what: 'an erase that leaves the end of the scratch area leaves its trailer: a region that is half gone is copied into the primary slot',
			source: 'MCUboot boot/bootutil/src/swap_scratch.c, boot_status_tables',
		},
	],
	'mcuboot-overwrite': [...COMMON, WRITE_ONCE_OVERWRITE],
	'mcuboot-swap-offset': [
		UNEQUAL_SECTORS,
		...COMMON,
		TORN_CONFIRM,
		TORN_REVERT_NOTE,
		{
			name: 'rewritten-on-trial',
			classes: ['never-boots', 'counter-too-high'],
			shows: (remains) => readStanding(remains).isUpdateToRevertTo,
			what: 'the application writes another update while its own image is on trial, or stays so by its trailer since the old image was lost: the revert takes it for the old image and copies it from the wrong sector, or finds none and keeps the image on trial',
			source: 'MCUboot boot/bootutil/src/swap_offset.c, boot_read_image_header: check_other_sector',
		},
		{
			name: 'restarted-revert',
			classes: ['trap'],
			detail: /the TLVs of the primary slot's image can be read/,
			leastCuts: 2,
			shows: (remains) => {
				const { primary, secondary } = readStanding(remains);
				return primary?.magic === 'good' && primary.copyDone === 'unset' && secondary?.magic === 'good' && secondary.copyDone === 'set';
			},
			what: 'a revert that power stopped in its first sector is noted anew when it goes on; power that goes with the note leaves no status to go on from, and the revert begins over what it has erased',
			source: 'MCUboot boot/bootutil/src/swap_offset.c, fixup_revert, which asks for the index and not for the state; swap_status_source',
		},
		{
			name: 'one-sector-swap',
			classes: ['never-boots'],
			leastCuts: 1,
			shows: (remains) => readStanding(remains).swapSectors === 1,
			what: 'both images fit one sector: after power goes between erasing and writing it, the header is looked for in the erased sector',
			source: 'MCUboot boot/bootutil/src/swap_offset.c, boot_read_image_header: `idx <= last_idx`',
		},
		{
			name: 'skipped-last-sector',
			classes: ['old-image-lost'],
			leastCuts: 1,
			shows: (remains) => {
				const { swapSectors, done } = readStanding(remains);
				return swapSectors > 1 && done.sectors === swapSectors - 1;
			},
			what: 'the old image is two or more sectors longer: a swap that goes on at its last sector takes the new header for the old one, leaves out the end of the old image, and the trial cannot be taken back',
			source: 'MCUboot boot/bootutil/src/swap_offset.c, boot_read_image_header: `idx <= last_idx`, and swap_run: used_sectors_pri',
		},
	],
};
