import type { Slot } from '../bootloader/index.js';
import { Beliefs } from './beliefs.js';
import { type Break, type KnownLimit, limitFor } from './finding.js';
import { Judge } from './judge.js';
import { LimitMarks } from './limit-marks.js';
import { type Action, Machine, type Step } from './machine.js';
import type { Standing } from './node-table.js';
import { type Run, RunBook } from './run-book.js';
import { SlotFacts } from './slot-facts.js';
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
	/** Null: nothing runs, as in a reset. */
	readonly run: Run | null;
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

/** Everything that power, bootloader and application may do to a device. */
export class World {
	readonly machine: Machine;
	readonly beliefs: Beliefs;
	readonly runs: RunBook;
	readonly facts: SlotFacts;
	readonly #judge: Judge;
	readonly #level: TearLevel;
	readonly #isOnce: boolean;
	readonly #marks: LimitMarks;

	constructor(subject: Subject, options: WorldOptions) {
		this.#level = options.tears;
		this.#isOnce = options.cycles === 1;
		this.machine = new Machine(subject, options);
		this.runs = new RunBook(this.machine, { level: options.tears, seeds: options.seeds });
		this.beliefs = new Beliefs({ ...subject.contract, once: options.cycles === 1 });
		this.facts = new SlotFacts(this.machine);
		this.#marks = new LimitMarks(this.machine);
		this.#judge = new Judge({ machine: this.machine, beliefs: this.beliefs, runs: this.runs, facts: this.facts });
	}

	/** Boots in a row that the slowest recovery took. */
	get mostBoots(): number {
		return this.#judge.mostBoots;
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
	#boots(standing: Standing): readonly Move[] {
		const { flash, states } = this.machine;
		const set = states.at(standing.state, flash.pageCount);
		const isWeak = set !== 0 && flash.marks.marks(set).some(({ kind }) => kind === 'weak');
		return (isWeak ? [1, 2] : [0]).map((readSeed) => {
			const run = this.runs.run(standing.state, { action: 'boot', running: 'a', readSeed });
			const early = this.beliefs.afterCutBoot(standing.belief, false);
			const late = this.beliefs.afterCutBoot(standing.belief, true);
			const { next, breaks } = this.#judge.boot(standing, run);
			return { step: 'boot', run, readSeed, early, late, next, breaks };
		});
	}

	/** An image runs: everything that it and its world may do. */
	#live(standing: Standing, slot: Slot): readonly Move[] {
		const { beliefs, machine } = this;
		const { belief, state } = standing;
		const { image, update, isErased } = this.facts.of(state, slot);
		const moves: Move[] = [
			{ step: 'reset', run: null, readSeed: 0, early: belief, late: belief, next: { state, belief, place: 'off' }, breaks: [] },
			this.#act(standing, { slot, action: 'confirm', after: beliefs.afterConfirm(belief, image) }),
			this.#act(standing, { slot, action: 'acknowledge', after: belief }),
		];
		const accounts = beliefs.accounts(belief);
		if (accounts.some((account) => account.kind === 'idle' && !account.fresh)) return moves;
		if (update >= 0 && update !== image && accounts.every(({ kind }) => kind === 'idle' || kind === 'requested' || (kind === 'trial' && !this.#isOnce))) {
			const isRefused = this.#judge.isRefused(update, state);
			const isOnTrial = accounts.some(({ kind }) => kind === 'trial');
			for (const permanent of machine.canRequestPermanent ? [false, true] : [false]) {
				const asked = { update, permanent, spoiled: isRefused };
				const after = beliefs.afterRequest(belief, asked);
				const during = beliefs.duringRequest(belief, asked);
				moves.push(this.#act(standing, { slot, action: permanent ? 'permanent' : 'trial', after, during, mayRefuse: isRefused || isOnTrial }));
			}
		}
		moves.push(this.#act(standing, { slot, action: 'erase', after: beliefs.afterTouch(belief, null) }));
		if (!isErased) return moves;
		machine.subject.images.forEach((_, other) => {
			if (other !== image) moves.push(this.#act(standing, { slot, action: `write-${other}`, after: beliefs.afterTouch(belief, other) }));
		});
		return moves;
	}

	#act(
		standing: Standing,
		what: { readonly slot: Slot; readonly action: Action; readonly after: number; readonly during?: number; readonly mayRefuse?: boolean },
	): Move {
		const { slot, action, after, mayRefuse = false } = what;
		const run = this.runs.run(standing.state, { action, running: slot, readSeed: 0 });
		const during = what.during ?? this.beliefs.either(standing.belief, after);
		// Refused without a trace: nothing has changed.
		const refused = run.end === standing.state ? standing.belief : during;
		const next: Standing = { state: run.end, belief: run.outcome === 'done' ? after : refused, place: slot };
		return {
			step: action,
			run,
			readSeed: 0,
			early: during,
			late: during,
			next,
			breaks: this.#judge.action({ action, run, mayRefuse }),
		};
	}
}
