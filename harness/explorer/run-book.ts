import type { Slot } from '../bootloader/index.js';
import { type CutLists, EMPTY } from './cut-lists.js';
import { type Action, imageOf, type Machine, type Outcome, type Step } from './machine.js';
import { OperationBook } from './operation-book.js';
import { grown } from './state-table.js';
import { type TearLevel, tearsOf } from './tear-ladder.js';
import { TupleMap } from './tuple-map.js';

/** What an action does to a state, and every state that power can leave of it. */
export interface Run {
	readonly end: number;
	readonly outcome: OutcomeCode;
	/** Why it ended so; empty where it did what it should. */
	readonly reason: string;
	/** The states that power leaves, as a list of `cuts`: before the last operation has begun, and from then on. */
	readonly early: number;
	readonly late: number;
}

/** What is done to a state. */
export interface Todo {
	readonly action: Action;
	readonly running: Slot;
	readonly readSeed: number;
}

/** A run that was carried out just now, its outcome by number. */
export interface CarriedOutRun extends Omit<Run, 'outcome'> {
	readonly outcome: number;
	/** Power losses tried in it. */
	readonly cuts: number;
}

/** Who may have carried out a run already: null, nobody has. */
export interface RunSource {
	take(state: number, todo: Todo): CarriedOutRun | null;
}

export type OutcomeCode = 'runs-a' | 'runs-b' | 'none' | 'done' | 'refused' | 'trap' | 'endless';

const CODES: readonly OutcomeCode[] = ['runs-a', 'runs-b', 'none', 'done', 'refused', 'trap', 'endless'];

/** Steps by number: what nodes remember. */
const STEPS: readonly Step[] = ['reset', 'boot', 'confirm', 'acknowledge', 'trial', 'permanent', 'erase'];

export const stepNumber = (action: Step): number => {
	const index = STEPS.indexOf(action);
	return index >= 0 ? index : STEPS.length + imageOf(action as Action);
};

export const stepOf = (number: number): Step => STEPS[number] ?? `write-${number - STEPS.length}`;

/** Everything that was done to every state, each thing once: what other beliefs make of it needs no second run. */
export class RunBook {
	/** Asked for each run before it is carried out. */
	source: RunSource | null = null;
	readonly #machine: Machine;
	readonly #operations: OperationBook;
	readonly #numbers = new TupleMap();
	readonly #reasons: string[] = [''];
	readonly #reasonNumbers = new Map<string, number>([['', 0]]);
	/** Five numbers a run: end, outcome, early and late cuts, reason. */
	#runs = new Int32Array(FIELDS << 10);
	#size = 0;
	#cuts = 0;
	/** By state: one more than the number of its boot, 0: it never booted. */
	#boots = new Int32Array(1 << 10);

	constructor(machine: Machine, options: { readonly level: TearLevel; readonly seeds: number }) {
		this.#machine = machine;
		const tears = { program: tearsOf('program', options), erase: tearsOf('erase', options), counter: tearsOf('counter', options) };
		this.#operations = new OperationBook(machine.flash, { tears, tearer: machine.torn, represent: () => machine.intern() });
	}

	/** Power losses tried, those that leave a state known already included. */
	get cuts(): number {
		return this.#cuts;
	}

	/** What power can leave. */
	get lists(): CutLists {
		return this.#operations.lists;
	}

	get sizeBytes(): number {
		return this.#runs.byteLength + this.#boots.byteLength + this.#operations.sizeBytes + this.#numbers.sizeBytes;
	}

	/** What an action does; `running`: the slot whose image acts, for a boot it does not matter. */
	run(state: number, todo: Todo): Run {
		const run = this.number(state, todo);
		return { end: this.end(run), outcome: this.outcome(run), early: this.early(run), late: this.late(run), reason: this.reason(run) };
	}

	/** The number of a run, carried out where it never was. */
	number(state: number, todo: Todo): number {
		let index = this.#numbers.find([state, stepNumber(todo.action), todo.running === 'a' ? 0 : 1, todo.readSeed, 0]);
		if (index >= 0) return index;
		index = this.#size++;
		this.#numbers.put(index);
		this.#record(index, { state, todo });
		return index;
	}

	/** The same of a boot in which no cell is read more than one way. */
	boot(state: number): number {
		while (state >= this.#boots.length) this.#boots = grown(this.#boots);
		let index = this.#boots[state] as number;
		if (index > 0) return index - 1;
		index = this.#size++;
		this.#boots[state] = index + 1;
		this.#record(index, { state, todo: BOOT });
		return index;
	}

	end(run: number): number {
		return this.#runs[run * FIELDS] as number;
	}

	outcome(run: number): OutcomeCode {
		return CODES[this.#runs[run * FIELDS + 1] as number] as OutcomeCode;
	}

	early(run: number): number {
		return this.#runs[run * FIELDS + 2] as number;
	}

	late(run: number): number {
		return this.#runs[run * FIELDS + 3] as number;
	}

	reason(run: number): string {
		return this.#reasons[this.#runs[run * FIELDS + 4] as number] as string;
	}

	has(state: number, todo: Todo): boolean {
		if (todo.action === 'boot') return (this.#boots[state] ?? 0) > 0;
		return this.#numbers.find([state, stepNumber(todo.action), todo.running === 'a' ? 0 : 1, todo.readSeed, 0]) >= 0;
	}

	/** Does it, whether it is known or not. */
	carryOut(state: number, todo: Todo): CarriedOutRun {
		const { flash } = this.#machine;
		const operations = this.#operations;
		const before = operations.cuts;
		operations.start();
		flash.watcher = operations;
		flash.book = operations;
		const outcome = this.#machine.run(state, todo);
		const left = operations.finish();
		// What never ends has no end of cuts either, and is told as what it is.
		const { early, late } = outcome.kind === 'endless' ? { early: EMPTY, late: EMPTY } : left;
		flash.unwatch();
		const end = this.#machine.intern();
		return { end, outcome: CODES.indexOf(codeOf(outcome)), early, late, reason: 'reason' in outcome ? outcome.reason : '', cuts: operations.cuts - before };
	}

	#record(index: number, { state, todo }: { readonly state: number; readonly todo: Todo }): void {
		if ((index + 1) * FIELDS > this.#runs.length) this.#runs = grown(this.#runs);
		const { end, outcome, early, late, reason, cuts } = this.source?.take(state, todo) ?? this.carryOut(state, todo);
		this.#cuts += cuts;
		this.#runs.set([end, outcome, early, late, this.#reasonNumber(reason)], index * FIELDS);
	}

	#reasonNumber(reason: string): number {
		let number = this.#reasonNumbers.get(reason);
		if (number === undefined) {
			number = this.#reasons.push(reason) - 1;
			this.#reasonNumbers.set(reason, number);
		}
		return number;
	}
}

const FIELDS = 5;

const BOOT: Todo = { action: 'boot', running: 'a', readSeed: 0 };

const codeOf = (outcome: Outcome): OutcomeCode => (outcome.kind === 'runs' ? `runs-${outcome.slot}` : outcome.kind);
