import type { Slot } from '../bootloader/index.js';
import { type CutLists, EMPTY } from './cut-lists.js';
import type { Action, Machine, Outcome } from './machine.js';
import { OperationBook } from './operation-book.js';
import { SeenRuns } from './seen-runs.js';
import { grown } from './grown.js';
import { stepCount, stepNumber } from './steps.js';
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

/**
 * Everything that was done to every state, each thing once: what other beliefs make of it needs no second run. A run is
 * known by a number: from 0 on, or below 0 where it leaves its state as it was, whatever power does; then the number says
 * how it ended and is that of many.
 */
export class RunBook {
	/** Asked for each run before it is carried out. */
	source: RunSource | null = null;
	readonly #machine: Machine;
	readonly #operations: OperationBook;
	readonly #seen: SeenRuns;
	/** How runs ended: outcome and reason. */
	readonly #ends: { readonly outcome: OutcomeCode; readonly reason: string }[] = [];
	readonly #endNumbers = new Map<string, number>();
	/** Four numbers a run that leaves something: the state it ends in, how it ended, early and late cuts. */
	#runs = new Int32Array(FIELDS << 10);
	#size = 0;
	#cuts = 0;
	/** By state what stands for the run of its boot: 0, it never booted; else as `#codeOf` has it. */
	#boots = new Int32Array(1 << 10);
	/** By state and slot where its row of the other actions begins, 0: it has none; rows of codes. */
	#rowOf = new Int32Array(1 << 11);
	#rows = new Int32Array(1 << 12);
	#rowsEnd: number;
	readonly #rowLength: number;
	/** Of boots that read weak cells, by state and seed. */
	readonly #weakBoots = new TupleMap();

	constructor(machine: Machine, options: { readonly level: TearLevel; readonly seeds: number }) {
		this.#machine = machine;
		const tears = { program: tearsOf('program', options), erase: tearsOf('erase', options), counter: tearsOf('counter', options) };
		this.#operations = new OperationBook(machine.flash, { tears, tearer: machine.torn, represent: () => machine.intern() });
		this.#seen = new SeenRuns(machine);
		this.#rowLength = stepCount(machine.subject.images.length);
		this.#rowsEnd = this.#rowLength;
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
		const runs = this.#runs.byteLength + this.#boots.byteLength + this.#rowOf.byteLength + this.#rows.byteLength + this.#weakBoots.sizeBytes;
		return runs + this.#operations.sizeBytes + this.#seen.sizeBytes;
	}

	/** What an action does; `running`: the slot whose image acts, for a boot it does not matter. */
	run(state: number, todo: Todo): Run {
		const run = this.number(state, todo);
		return { end: this.end(run, state), outcome: this.outcome(run), early: this.early(run), late: this.late(run), reason: this.reason(run) };
	}

	/** The number of a run, carried out where it never was. */
	number(state: number, todo: Todo): number {
		if (todo.readSeed !== 0) return this.#weakBoot(state, todo);
		if (todo.action === 'boot') return this.boot(state);
		const at = this.#rowAt(state, todo.running) + stepNumber(todo.action);
		const known = this.#rows[at] as number;
		if (known !== 0) return runOf(known);
		const code = this.#record(state, todo);
		this.#rows[at] = code;
		return runOf(code);
	}

	/** The same of a boot in which no cell is read more than one way. */
	boot(state: number): number {
		while (state >= this.#boots.length) this.#boots = grown(this.#boots);
		const known = this.#boots[state] as number;
		if (known !== 0) return runOf(known);
		const code = this.#record(state, BOOT);
		this.#boots[state] = code;
		return runOf(code);
	}

	/** `state`: the one that it began with. */
	end(run: number, state: number): number {
		return run < 0 ? state : (this.#runs[run * FIELDS] as number);
	}

	outcome(run: number): OutcomeCode {
		return this.#endOf(run).outcome;
	}

	early(run: number): number {
		return run < 0 ? EMPTY : (this.#runs[run * FIELDS + 2] as number);
	}

	late(run: number): number {
		return run < 0 ? EMPTY : (this.#runs[run * FIELDS + 3] as number);
	}

	reason(run: number): string {
		return this.#endOf(run).reason;
	}

	has(state: number, todo: Todo): boolean {
		if (todo.action === 'boot') return (this.#boots[state] ?? 0) !== 0;
		const row = this.#rowOf[2 * state + (todo.running === 'a' ? 0 : 1)] ?? 0;
		return row > 0 && this.#rows[row + stepNumber(todo.action)] !== 0;
	}

	/** Does it, whether it is known or not. */
	carryOut(state: number, todo: Todo): CarriedOutRun {
		const { flash } = this.#machine;
		const operations = this.#operations;
		const before = operations.cuts;
		flash.watcher = operations;
		flash.book = operations;
		const begin = (): void => {
			operations.start(before);
		};
		begin();
		const outcome = this.#seen.run(state, todo, begin);
		const left = operations.finish();
		// What never ends has no end of cuts either, and is told as what it is.
		const { early, late } = outcome.kind === 'endless' ? { early: EMPTY, late: EMPTY } : left;
		flash.unwatch();
		const end = this.#machine.intern();
		return { end, outcome: CODES.indexOf(codeOf(outcome)), early, late, reason: 'reason' in outcome ? outcome.reason : '', cuts: operations.cuts - before };
	}

	#weakBoot(state: number, todo: Todo): number {
		const known = this.#weakBoots.find([state, todo.readSeed, 0, 0, 0]);
		if (known >= 0) return known;
		this.#weakBoots.put(this.#size);
		return this.#keep(this.#carriedOut(state, todo));
	}

	/** Where the row of a state and slot begins. */
	#rowAt(state: number, slot: Slot): number {
		const at = 2 * state + (slot === 'a' ? 0 : 1);
		while (at >= this.#rowOf.length) this.#rowOf = grown(this.#rowOf);
		const known = this.#rowOf[at] as number;
		if (known > 0) return known;
		const row = this.#rowsEnd;
		this.#rowsEnd += this.#rowLength;
		if (this.#rowsEnd > this.#rows.length) this.#rows = grown(this.#rows);
		this.#rowOf[at] = row;
		return row;
	}

	/** What stands for a run in the tables: one more than its number, or that number where it is below 0. */
	#record(state: number, todo: Todo): number {
		const done = this.#carriedOut(state, todo);
		if (done.end === state && done.early === EMPTY && done.late === EMPTY) return -1 - this.#endNumber(done);
		return 1 + this.#keep(done);
	}

	#carriedOut(state: number, todo: Todo): CarriedOutRun {
		const done = this.source?.take(state, todo) ?? this.carryOut(state, todo);
		this.#cuts += done.cuts;
		return done;
	}

	#keep(done: CarriedOutRun): number {
		const index = this.#size++;
		const at = index * FIELDS;
		if (at + FIELDS > this.#runs.length) this.#runs = grown(this.#runs);
		this.#runs[at] = done.end;
		this.#runs[at + 1] = this.#endNumber(done);
		this.#runs[at + 2] = done.early;
		this.#runs[at + 3] = done.late;
		return index;
	}

	#endOf(run: number): { readonly outcome: OutcomeCode; readonly reason: string } {
		return this.#ends[run < 0 ? -1 - run : (this.#runs[run * FIELDS + 1] as number)] as { outcome: OutcomeCode; reason: string };
	}

	#endNumber({ outcome, reason }: CarriedOutRun): number {
		const key = `${outcome} ${reason}`;
		let number = this.#endNumbers.get(key);
		if (number === undefined) {
			number = this.#ends.push({ outcome: CODES[outcome] as OutcomeCode, reason }) - 1;
			this.#endNumbers.set(key, number);
		}
		return number;
	}
}

const FIELDS = 4;

const BOOT: Todo = { action: 'boot', running: 'a', readSeed: 0 };

const runOf = (code: number): number => (code > 0 ? code - 1 : code);

const codeOf = (outcome: Outcome): OutcomeCode => (outcome.kind === 'runs' ? `runs-${outcome.slot}` : outcome.kind);
