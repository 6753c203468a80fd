import type { FindingClass } from './finding-class.js';
import type { Contract } from './subject.js';

/**
 * One account of how things stand with the device, in what was promised and not in bytes. Images are indices.
 * `idle`: `confirmed` runs for good. `requested`: an update is to be carried out at the next boot. `trial`: it runs,
 * unconfirmed. `adrift`: a promise was broken; any released image will do until one is confirmed.
 * `spoiled`: the application has touched the slot that the promise rests on, so that either image may run. `isAstray`: a
 * confirm or a touched slot may have left records that speak of another image; only where the contract says so.
 */
export type Hypothesis =
	/** `fresh`: it may still be updated. */
	| { readonly kind: 'idle'; readonly confirmed: number; readonly fresh: boolean; readonly isAstray: boolean }
	| {
			readonly kind: 'requested';
			readonly confirmed: number;
			readonly update: number;
			readonly permanent: boolean;
			readonly spoiled: boolean;
			readonly isAstray: boolean;
	  }
	| {
			readonly kind: 'trial';
			readonly confirmed: number;
			readonly update: number;
			readonly boots: number;
			readonly spoiled: boolean;
			readonly isAstray: boolean;
	  }
	/** `asked`: an update is to be carried out at the next boot, whatever it is. */
	| { readonly kind: 'adrift'; readonly asked: boolean };

export interface Rules extends Contract {
	/** One update, then none: `fresh` ends with it. */
	readonly once: boolean;
}

/** Equal texts, equal accounts. */
export const keyOf = (account: Hypothesis): string => {
	if (account.kind === 'adrift') return account.asked ? 'A' : 'a';
	const astray = account.isAstray ? '!' : '';
	if (account.kind === 'idle') return `i${account.confirmed}${account.fresh ? '' : '.'}${astray}`;
	const what = `${account.confirmed}>${account.update}${account.spoiled ? '*' : ''}${astray}`;
	return account.kind === 'trial' ? `t${account.boots}:${what}` : `${account.permanent ? 'p' : 'r'}${what}`;
};

/** What power that goes in a boot may leave, besides the account as it was: `late` where the boot had only its last operation left. */
export const afterCutBoot = (account: Hypothesis, options: { readonly rules: Rules; readonly late: boolean }): readonly Hypothesis[] => {
	const { rules, late } = options;
	if (account.kind === 'requested') return late || account.spoiled ? [account, taken(account, rules)] : [account];
	if (account.kind !== 'trial') return [account];
	if (account.boots < rules.trialBoots) return [account, { ...account, boots: account.boots + 1 }];
	return [account, settled(account, rules)];
};

export interface BootSeen {
	/** The image that runs. */
	readonly image: number;
	/** The update that the account speaks of may not run: it is below the counter, or nobody signed it. */
	readonly refused: (image: number) => boolean;
	readonly rules: Rules;
}

/** The account after a boot that ran an image, or the class of what is wrong with that. */
export const afterBoot = (account: Hypothesis, seen: BootSeen): Hypothesis | FindingClass => {
	const { image, rules } = seen;
	switch (account.kind) {
		case 'adrift':
			return { ...account, asked: false };
		case 'idle':
			return image === account.confirmed ? account : 'confirmed-lost';
		case 'requested': {
			if (image === account.update) return taken(account, rules);
			return image === account.confirmed && (account.spoiled || seen.refused(account.update)) ? settled(account, rules) : 'update-not-taken';
		}
		case 'trial':
			return afterTrialBoot(account, seen);
	}
};

const afterTrialBoot = (account: Hypothesis & { readonly kind: 'trial' }, { image, rules }: BootSeen): Hypothesis | FindingClass => {
	if (image === account.confirmed) return account.spoiled || account.boots >= rules.trialBoots ? settled(account, rules) : 'trial-cut-short';
	if (account.boots < rules.trialBoots) return { ...account, boots: account.boots + 1 };
	return account.spoiled ? account : 'unconfirmed-kept';
};

/** The running image confirms itself. */
export const afterConfirm = (account: Hypothesis, options: { readonly running: number; readonly rules: Rules }): Hypothesis => {
	const { running, rules } = options;
	if (account.kind === 'trial') return settled({ ...account, confirmed: account.update }, rules);
	// What confirms itself may be replaced all the same by what it asked for.
	if (account.kind === 'adrift') return account.asked ? account : settled({ confirmed: running, isAstray: rules.touchLingers === true }, rules);
	if (account.kind === 'idle') return account;
	return rules.confirms === 'what was asked for' ? { ...account, isAstray: true } : account;
};

export interface Asked {
	readonly update: number;
	readonly permanent: boolean;
	/** The image is one that must not run: nothing need come of it. */
	readonly spoiled: boolean;
}

/** An update is asked for; asking again changes nothing, but a request for good may or may not outweigh one for a trial. */
export const afterRequest = (account: Hypothesis, asked: Asked): readonly Hypothesis[] => {
	if (account.kind === 'idle') return [{ kind: 'requested', confirmed: account.confirmed, ...asked, isAstray: account.isAstray }];
	if (account.kind === 'requested' && asked.permanent && !account.permanent) return [account, { ...account, permanent: true }];
	// An image that nobody confirmed asks for another: nothing is promised of its own trial any more, nor of what is returned to.
	return account.kind === 'trial' ? [{ kind: 'adrift', asked: true }] : [account];
};

/** Power went while an update was asked for good: the request may have come to one for a trial, never the other way. */
export const duringRequest = (account: Hypothesis, asked: Asked): readonly Hypothesis[] =>
	asked.permanent
		? [account, ...afterRequest(account, { ...asked, permanent: false }), ...afterRequest(account, asked)]
		: [account, ...afterRequest(account, asked)];

/** The application erased the slot for updates, or `wrote` an image there: requests and returns go by slot, whatever lies in it. */
export const afterTouch = (account: Hypothesis, options: { readonly rules: Rules; readonly wrote: number | null }): readonly Hypothesis[] => {
	const { rules, wrote } = options;
	if (account.kind === 'requested') {
		return [{ ...account, update: wrote ?? account.update, spoiled: true }, settled({ ...account, spoiled: true }, rules)];
	}
	return account.kind === 'trial' ? [{ ...account, confirmed: wrote ?? account.confirmed, spoiled: true }] : [account];
};

const taken = (account: Hypothesis & { readonly kind: 'requested' }, rules: Rules): Hypothesis => {
	if (account.permanent || !rules.reverts) return settled({ ...account, confirmed: account.update }, rules);
	const { confirmed, update, spoiled, isAstray } = account;
	return { kind: 'trial', confirmed, update, boots: 1, spoiled, isAstray };
};

const settled = (from: { readonly confirmed: number; readonly isAstray: boolean; readonly spoiled?: boolean }, rules: Rules): Hypothesis => ({
	kind: 'idle',
	confirmed: from.confirmed,
	fresh: !rules.once,
	// What was asked for and then spoiled still stands in the records.
	isAstray: from.isAstray || (from.spoiled === true && rules.touchLingers === true),
});
