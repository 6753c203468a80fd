import type { Slot } from '../bootloader/index.js';
import { Beliefs } from './beliefs.js';
import { type Break, type KnownLimit, limitFor } from './finding.js';
import { Judge } from './judge.js';
import { LimitMarks } from './limit-marks.js';
import { type Action, Machine, type Step } from './machine.js';
import type { Standing } from './node-table.js';
import { RunBook } from './run-book.js';
import { type Facts, SlotFacts } from './slot-facts.js';
import type { MixHash } from './state-table.js';
import type { Subject } from './subject.js';
import type { TearLevel } from './tear-ladder.js';

export interface WorldOptions {
	readonly tears: TearLevel;
	/** Drawn tears of each kind for each operation. */
	readonly seeds: number;
	/** `1`: one update, taken or given back, and nothing more. */
	readonly cycles: 1 | 'unlimited';
	/** For tests of collisions. */
	readonly mix?: MixHash;
	readonly hash?: (words: Uint32Array) => number;
}

/** Something that may happen to a device as it stands. */
export interface Move {
	readonly step: Step;
	/** By its number in the book of runs; null: nothing runs, as in a reset. */
	readonly run: number | null;
	/** Decides what weak cells read as. */
	readonly readSeed: number;
	/** The belief where power goes before the last operation has begun, and from then on. */
	readonly early: number;
	readonly late: number;
	/** Where it leads uncut, null: nowhere. */
	readonly next: Standing | null;
	/** What it breaks, uncut. */
	readonly breaks: readonly Break[];
}

/** Something that may be done where an image runs; `action` null: power goes while nothing is under way. */
export interface Intention {
	readonly action: Action | null;
	/** The belief once it is done, and where it was cut, or refused with a trace. */
	readonly after: number;
	readonly during: number;
	/** What is asked for is nothing that may be done. */
	readonly mayRefuse: boolean;
}

/** Everything that power, bootloader and application may do to a device. */
export class World {
	readonly machine: Machine;
	readonly beliefs: Beliefs;
	readonly runs: RunBook;
	readonly facts: SlotFacts;
	readonly judge: Judge;
	readonly #level: TearLevel;
	readonly #isOnce: boolean;
	readonly #marks: LimitMarks;
	/** By belief, then by what lies in the slots. */
	readonly #intentions: (readonly Intention[])[][] = [];

	constructor(subject: Subject, options: WorldOptions) {
		this.#level = options.tears;
		this.#isOnce = options.cycles === 1;
		this.machine = new Machine(subject, options);
		this.runs = new RunBook(this.machine, { level: options.tears, seeds: options.seeds });
		this.beliefs = new Beliefs({ ...subject.contract, once: options.cycles === 1 });
		this.facts = new SlotFacts(this.machine);
		this.#marks = new LimitMarks(this.machine);
		this.judge = new Judge({ machine: this.machine, beliefs: this.beliefs, runs: this.runs, facts: this.facts });
	}

	/** Boots in a row that the slowest recovery took. */
	get mostBoots(): number {
		return this.judge.mostBoots;
	}

	/** As it comes from the factory, running. */
	start(): Standing {
		return { state: this.machine.provision(), belief: this.beliefs.of([{ kind: 'idle', confirmed: 0, fresh: true, isAstray: false }]), place: 'a' };
	}

	movesFrom(standing: Standing): readonly Move[] {
		return standing.place === 'off' ? this.#boots(standing) : this.#live(standing, standing.place);
	}

	/** The limit of the real bootloader, if any, that a break falls under which a move from a standing brings. `way`: every state up to that standing, in any order. */
	limitOf(broken: Break, from: { readonly standing: Standing; readonly cuts: number; readonly way: () => Iterable<number> }): KnownLimit | undefined {
		const { knownLimits } = this.machine.subject;
		const hasShown = (limit: KnownLimit): boolean => {
			if (limit.shows === undefined) return true;
			for (const state of from.way()) if (this.#marks.shows(limit, state)) return true;
			return false;
		};
		return limitFor(knownLimits, { broken, cuts: from.cuts, level: this.#level, accounts: this.beliefs.accounts(from.standing.belief), hasShown });
	}

	/** Power comes on; weak cells are read in more than one way. */
	#boots({ state, belief }: Standing): readonly Move[] {
		return (this.isWeak(state) ? [1, 2] : [0]).map((readSeed) => {
			const run = readSeed === 0 ? this.runs.boot(state) : this.runs.number(state, { action: 'boot', running: 'a', readSeed });
			const verdict = this.judge.boot(belief, { state, run });
			const next: Standing | null = verdict.belief < 0 ? null : { state: this.runs.end(run, state), belief: verdict.belief, place: verdict.place };
			const early = this.beliefs.afterCutBoot(belief, false);
			const late = this.beliefs.afterCutBoot(belief, true);
			return { step: 'boot', run, readSeed, early, late, next, breaks: verdict.breaks };
		});
	}

	/** A boot may come out one way or the other. */
	isWeak(state: number): boolean {
		const { flash, states } = this.machine;
		const set = states.at(state, flash.contents.markPlace);
		return set !== 0 && flash.marks.isWeak(set);
	}

	/** An image runs: everything that it and its world may do. */
	#live(standing: Standing, slot: Slot): readonly Move[] {
		const { state, belief } = standing;
		return this.intentions(state, { belief, slot }).map((intention) => {
			if (intention.action === null) {
				return { step: 'reset', run: null, readSeed: 0, early: belief, late: belief, next: { state, belief, place: 'off' }, breaks: [] };
			}
			const { action, during, mayRefuse } = intention;
			const run = this.runs.number(state, { action, running: slot, readSeed: 0 });
			const next: Standing = { state: this.runs.end(run, state), belief: this.beliefAfter(intention, { state, belief, run }), place: slot };
			return { step: action, run, readSeed: 0, early: during, late: during, next, breaks: this.judge.action({ action, run, mayRefuse }) };
		});
	}

	/** The belief after an action that was not cut. */
	beliefAfter({ after, during }: Intention, was: { readonly state: number; readonly belief: number; readonly run: number }): number {
		if (this.runs.outcome(was.run) === 'done') return after;
		// Refused without a trace: nothing has changed.
		return this.runs.end(was.run, was.state) === was.state ? was.belief : during;
	}

	/** What may be done where an image runs: it depends on what lies in the slots and on what is believed, and is worked out once for each of those. */
	intentions(state: number, how: { readonly belief: number; readonly slot: Slot }): readonly Intention[] {
		const { belief, slot } = how;
		const { update } = this.facts.of(state, slot);
		const isRefused = update >= 0 && this.judge.isRefused(update, state);
		const key = 4 * this.facts.number(state, slot) + (slot === 'a' ? 0 : 2) + (isRefused ? 1 : 0);
		while (this.#intentions.length <= belief) this.#intentions.push([]);
		const known = this.#intentions[belief] as (readonly Intention[])[];
		let intentions = known[key];
		if (intentions === undefined) {
			intentions = this.#intend(this.facts.of(state, slot), { belief, isRefused });
			known[key] = intentions;
		}
		return intentions;
	}

	#intend({ image, update, isErased }: Facts, { belief, isRefused }: { readonly belief: number; readonly isRefused: boolean }): readonly Intention[] {
		const { beliefs, machine } = this;
		const either = (action: Action, after: number): Intention => ({ action, after, during: beliefs.either(belief, after), mayRefuse: false });
		const intentions: Intention[] = [
			{ action: null, after: belief, during: belief, mayRefuse: false },
			either('confirm', beliefs.afterConfirm(belief, image)),
			either('acknowledge', belief),
		];
		const accounts = beliefs.accounts(belief);
		if (accounts.some((account) => account.kind === 'idle' && !account.fresh)) return intentions;
		if (update >= 0 && update !== image && accounts.every(({ kind }) => kind === 'idle' || kind === 'requested' || (kind === 'trial' && !this.#isOnce))) {
			const isOnTrial = accounts.some(({ kind }) => kind === 'trial');
			for (const permanent of machine.canRequestPermanent ? [false, true] : [false]) {
				const asked = { update, permanent, spoiled: isRefused };
				const after = beliefs.afterRequest(belief, asked);
				const during = beliefs.duringRequest(belief, asked);
				intentions.push({ action: permanent ? 'permanent' : 'trial', after, during, mayRefuse: isRefused || isOnTrial });
			}
		}
		intentions.push(either('erase', beliefs.afterTouch(belief, null)));
		if (!isErased) return intentions;
		machine.subject.images.forEach((_, other) => {
			if (other !== image) intentions.push(either(`write-${other}`, beliefs.afterTouch(belief, other)));
		});
		return intentions;
	}
}
