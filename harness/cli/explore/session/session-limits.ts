import { KNOWN_LIMITS } from '../../../../simulators/bootloader/index.js';
import type { BootloaderName } from '../../../bootloader/index.js';
import { INVARIANT_OF, type KnownLimit } from '../../../explorer/index.js';
import type { SessionRun } from './run-session.js';

/** What a cut hit, by the known limit of the real bootloader that it may bring about. */
const MARKS: Readonly<Record<string, RegExp>> = {
	'unreadable-word': /^program unreadable (slot|scratch)$/,
	'unreadable-sector': /^erase unreadable (slot|scratch)$/,
	'unreadable-entry': /^(program|erase) unreadable record$/,
	'half-erased-scratch': /^erase half scratch$/,
	'torn-flag': /^program (half|prefix|bits) slot$/,
};

/** The limit that all violations of a run fall under, if there is one: a session shows less of the flash than a walk, so that what was hit has to do. */
export const limitOfSession = (bootloader: BootloaderName, { hits, violations }: SessionRun): KnownLimit | undefined =>
	KNOWN_LIMITS[bootloader].find(({ name, classes }) => {
		const mark = MARKS[name];
		if (mark === undefined || !hits.some(({ form }) => mark.test(form))) return false;
		return violations.every(({ invariant }) => classes.some((each) => INVARIANT_OF[each] === invariant));
	});
