import type { InvariantName } from '../events/index.js';
import type { FindingClass } from './finding-class.js';
import type { Hypothesis } from './hypothesis.js';
import type { Step } from './machine.js';
import type { TearLevel } from './tear-ladder.js';

/**
 * Where the real bootloader breaks an invariant, a faithful one does too: such a break has a name and a source, and is
 * no finding unless the caller is strict. It is as narrow as can be said, so that it hides nothing else.
 */
export interface KnownLimit {
	readonly name: string;
	readonly classes: readonly FindingClass[];
	/** Matched against what the walk saw. */
	readonly detail?: RegExp;
	/** Power losses that it takes at least. */
	readonly leastCuts?: number;
	/** The lowest level of the ladder that shows it; default L0. */
	readonly level?: TearLevel;
	/** Only where the application touched the slot that a promise rests on, or where a confirm went astray (`Contract.confirms`). */
	readonly when?: 'touched' | 'confirm-astray';
	/** In a sentence. */
	readonly what: string;
	/** Where it is documented or can be read: an issue, a file, a page. */
	readonly source: string;
}

/** The limit that a break falls under, if any. */
export const limitFor = (
	limits: readonly KnownLimit[],
	seen: { readonly broken: Break; readonly cuts: number; readonly level: TearLevel; readonly accounts: readonly Hypothesis[] },
): KnownLimit | undefined =>
	limits.find(({ classes, detail, leastCuts = 0, level = 'L0', when }) => {
		if (!classes.includes(seen.broken.class) || seen.cuts < leastCuts || seen.level < level || !(detail?.test(seen.broken.detail) ?? true)) return false;
		const isAstray = seen.accounts.some((account) => account.kind !== 'adrift' && account.isAstray);
		return when === undefined || isAstray || (when === 'touched' && seen.accounts.some((account) => 'spoiled' in account && account.spoiled));
	});

/** Something that broke a promise. */
export interface Break {
	readonly class: FindingClass;
	/** What was expected and what came. */
	readonly detail: string;
}

/** A break of an invariant: the first one of its class, which breadth first makes one with the fewest cuts. */
export interface Finding extends Break {
	readonly invariant: InvariantName;
	readonly cuts: number;
	/** Index of the node it was seen at, and what was done there. */
	readonly node: number;
	readonly step: Step;
	/** Absent: it is a finding. */
	readonly limit?: KnownLimit;
	/** Nodes with a break of this class and limit. */
	readonly seen: number;
}
