import type { InvariantName } from '../events/index.js';

/** What went wrong, as narrow as the walk can tell. */
export type FindingClass = keyof typeof INVARIANT_OF;

/** The invariant that each class of finding breaks. */
export const INVARIANT_OF = {
	'never-boots': 'bootable',
	'fails-then-recovers': 'bootable',
	trap: 'bootable',
	'endless-loop': 'bootable',
	'boots-a-mix': 'whole',
	'boots-unauthentic': 'authentic',
	'boots-below-counter': 'no-downgrade',
	'counter-too-high': 'no-downgrade',
	'confirmed-lost': 'trial',
	'unconfirmed-kept': 'trial',
	'old-image-lost': 'trial',
	'trial-cut-short': 'trial',
	'update-not-taken': 'converges',
	'api-refuses': 'converges',
} as const satisfies Readonly<Record<string, InvariantName>>;

/** In words, for a story's last line. */
export const WORDS_OF: Readonly<Record<FindingClass, string>> = {
	'never-boots': 'nothing boots, however often it is reset',
	'fails-then-recovers': 'a boot fails, and a later one recovers',
	trap: 'the bootloader traps',
	'endless-loop': 'the bootloader never comes to an end',
	'boots-a-mix': 'what runs is no released image',
	'boots-unauthentic': 'an image runs that nobody signed',
	'boots-below-counter': 'an image below the security counter runs',
	'counter-too-high': 'the security counter is beyond that of any confirmed image',
	'confirmed-lost': 'a confirmed image was given up',
	'unconfirmed-kept': 'an image that nobody confirmed is kept',
	'old-image-lost': 'the image to return to is gone while the new one is on trial',
	'trial-cut-short': 'a trial ended before its boots were used up',
	'update-not-taken': 'a requested update was not carried out',
	'api-refuses': 'the bootloader refuses what the running image asks for',
};
