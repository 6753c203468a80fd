import type { BootLayout } from '../bootloader/index.js';
import type { InvariantName } from '../events/index.js';
import type { FlashArea, FlashPort } from '../flash/index.js';
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
	/** Only where the application touched the slot that a promise rests on, or nothing is promised any more, or where a confirm went astray (`Contract.confirms`). */
	readonly when?: 'touched' | 'confirm-astray';
	/** Only where the flash showed the mark of it on the way to the break. */
	readonly shows?: (remains: Remains) => boolean;
	/** In a sentence. */
	readonly what: string;
	/** Where it is documented or can be read: an issue, a file, a page. */
	readonly source: string;
}

/** The flash of a device, as it stands between two steps. */
export interface Remains {
	readonly flash: FlashPort;
	readonly layout: BootLayout;
	/** Stretches that cannot be read, or not twice alike. */
	readonly inError: readonly FlashArea[];
}

/** The limit that a break falls under, if any. */
export const limitFor = (
	limits: readonly KnownLimit[],
	seen: {
		readonly broken: Break;
		readonly cuts: number;
		readonly level: TearLevel;
		readonly accounts: readonly Hypothesis[];
		/** Whether the flash ever showed a limit's mark on the way. */
		readonly hasShown: (limit: KnownLimit) => boolean;
	},
): KnownLimit | undefined =>
	limits.find((limit) => {
		const { classes, detail, leastCuts = 0, level = 'L0', when } = limit;
		if (!classes.includes(seen.broken.class) || seen.cuts < leastCuts || seen.level < level || !(detail?.test(seen.broken.detail) ?? true)) return false;
		const isAstray = seen.accounts.some((account) => account.kind !== 'adrift' && account.isAstray);
		const isTouched = seen.accounts.some((account) => account.kind === 'adrift' || ('spoiled' in account && account.spoiled));
		return (when === undefined || isAstray || (when === 'touched' && isTouched)) && seen.hasShown(limit);
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
