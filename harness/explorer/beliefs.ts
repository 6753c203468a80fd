import type { FindingClass } from './finding-class.js';
import {
	afterBoot,
	afterConfirm,
	afterCutBoot,
	afterRequest,
	afterTouch,
	type Asked,
	duringRequest,
	type Hypothesis,
	keyOf,
	type Rules,
} from './hypothesis.js';

/** What a boot that ran an image says of a belief: the belief from then on, and what it broke, if anything. */
export interface BootJudged {
	readonly belief: number;
	readonly broken: FindingClass | null;
	/** What was expected, in words. */
	readonly expected: string;
}

/**
 * Sets of hypotheses, each known by a number. Power that goes in the middle of something leaves several accounts of the
 * device true at once; what then runs tells which of them can have been. Every step is remembered.
 */
export class Beliefs {
	readonly #rules: Rules;
	readonly #sets: (readonly Hypothesis[])[] = [];
	readonly #numbers = new Map<string, number>();
	/** Beliefs by the one before and what was done; and by two that are held at once. */
	readonly #steps: number[][] = [];
	readonly #pairs: number[][] = [];
	readonly #boots = new Map<number, BootJudged>();

	constructor(rules: Rules) {
		this.#rules = rules;
	}

	get size(): number {
		return this.#sets.length;
	}

	accounts(belief: number): readonly Hypothesis[] {
		return this.#sets[belief] as readonly Hypothesis[];
	}

	/** Where one account is astray the others may be too: told apart they would only be more. */
	of(given: readonly Hypothesis[]): number {
		const isAstray = given.some((account) => account.kind !== 'adrift' && account.isAstray);
		const accounts = isAstray ? given.map((account) => (account.kind === 'adrift' ? account : { ...account, isAstray })) : given;
		const distinct = new Map(accounts.map((account) => [keyOf(account), account]));
		const keys = [...distinct.keys()].sort();
		const key = keys.join(' ');
		const known = this.#numbers.get(key);
		if (known !== undefined) return known;
		this.#sets.push(keys.map((each) => distinct.get(each) as Hypothesis));
		this.#numbers.set(key, this.#sets.length - 1);
		return this.#sets.length - 1;
	}

	either(belief: number, other: number): number {
		return belief === other ? belief : this.#remember(this.#pairs, { belief, at: other, take: () => [...this.accounts(belief), ...this.accounts(other)] });
	}

	afterCutBoot(belief: number, late: boolean): number {
		return this.#step(belief, late ? 1 : 0, () => this.accounts(belief).flatMap((account) => afterCutBoot(account, { rules: this.#rules, late })));
	}

	/** `refused`: bit set of images that must not run now. */
	afterBoot(belief: number, seen: { readonly image: number; readonly refused: number }): BootJudged {
		const key = (belief * 64 + seen.image) * 64 + seen.refused;
		let judged = this.#boots.get(key);
		if (judged === undefined) {
			judged = this.#judgeBoot(belief, seen);
			this.#boots.set(key, judged);
		}
		return judged;
	}

	afterConfirm(belief: number, running: number): number {
		return this.#step(belief, stepAt(running, 0), () => this.accounts(belief).map((account) => afterConfirm(account, { running, rules: this.#rules })));
	}

	afterRequest(belief: number, asked: Asked): number {
		return this.#step(belief, stepAt(asked.update, askedAt(asked)), () => this.#askers(belief).flatMap((account) => afterRequest(account, asked)));
	}

	duringRequest(belief: number, asked: Asked): number {
		return this.#step(belief, stepAt(asked.update, 4 + askedAt(asked)), () => this.#askers(belief).flatMap((account) => duringRequest(account, asked)));
	}

	afterTouch(belief: number, wrote: number | null): number {
		return this.#step(belief, stepAt(wrote ?? -1, 9), () => this.accounts(belief).flatMap((account) => afterTouch(account, { rules: this.#rules, wrote })));
	}

	#judgeBoot(belief: number, { image, refused }: { readonly image: number; readonly refused: number }): BootJudged {
		const seen = { image, refused: (other: number) => ((refused >> other) & 1) === 1, rules: this.#rules };
		const accounts = this.accounts(belief);
		const outcomes = accounts.map((account) => afterBoot(account, seen));
		const possible = outcomes.filter((outcome): outcome is Hypothesis => typeof outcome !== 'string');
		const expected = accounts.map((account) => wordsFor(account)).join(' or ');
		if (possible.length > 0) return { belief: this.of(possible), broken: null, expected };
		return { belief: this.of([{ kind: 'adrift', asked: false }]), broken: outcomes[0] as FindingClass, expected };
	}

	/** Accounts under which a request is taken: where an image on trial may not ask, one that was heard was not on trial. */
	#askers(belief: number): readonly Hypothesis[] {
		const accounts = this.accounts(belief);
		const steady = accounts.filter(({ kind }) => kind !== 'trial');
		return this.#rules.refusesOnTrial === true && steady.length > 0 ? steady : accounts;
	}

	#step(belief: number, step: number, take: () => readonly Hypothesis[]): number {
		return this.#remember(this.#steps, { belief, at: step, take });
	}

	#remember(table: number[][], what: { readonly belief: number; readonly at: number; readonly take: () => readonly Hypothesis[] }): number {
		const { belief, at, take } = what;
		while (table.length <= belief) table.push([]);
		const row = table[belief] as number[];
		let next = row[at];
		if (next === undefined) {
			next = this.of(take());
			row[at] = next;
		}
		return next;
	}
}

/** The place of a step that is about an image, -1: about none; ten ways of each. */
const stepAt = (image: number, way: number): number => 2 + 10 * (image + 1) + way;

const askedAt = ({ permanent, spoiled }: Asked): number => 1 + (permanent ? 1 : 0) + (spoiled ? 2 : 0);

const wordsFor = (account: Hypothesis): string => {
	switch (account.kind) {
		case 'idle':
			return `image ${account.confirmed}, confirmed`;
		case 'requested':
			return `image ${account.update}, ${account.permanent ? 'for good' : 'on trial'}`;
		case 'trial':
			return `image ${account.confirmed} again after a trial of image ${account.update}`;
		case 'adrift':
			return 'any released image';
	}
};
