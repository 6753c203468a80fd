import type { Slot } from '../bootloader/index.js';
import { CutLists, EMPTY } from './cut-lists.js';
import { type Action, imageOf, type Machine, type Outcome, type Step } from './machine.js';
import { grown } from './state-table.js';
import { type Tear, type TearLevel, tearsOf } from './tear-ladder.js';
import { TupleMap } from './tuple-map.js';
import type { Operation } from './walk-flash.js';

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
	readonly #machine: Machine;
	readonly #tears: Readonly<Record<Operation['kind'], readonly Tear[]>>;
	readonly #numbers = new TupleMap();
	/** What power can leave. */
	readonly lists = new CutLists();
	readonly #reasons: string[] = [''];
	readonly #reasonNumbers = new Map<string, number>([['', 0]]);
	/** Five numbers a run: end, outcome, early and late cuts, reason. */
	#runs = new Int32Array(FIELDS << 10);
	#size = 0;
	#cuts = 0;
	/** While something runs: the states that were noted, the last of all; where those begin of the operation under way, and of the last one that changed anything. */
	readonly #noted: number[] = [];
	#last = -1;
	#begun = 0;
	#lateFrom = 0;

	constructor(machine: Machine, options: { readonly level: TearLevel; readonly seeds: number }) {
		this.#machine = machine;
		this.#tears = { program: tearsOf('program', options), erase: tearsOf('erase', options), counter: tearsOf('counter', options) };
	}

	/** Power losses tried, those that leave a state known already included. */
	get cuts(): number {
		return this.#cuts;
	}

	get sizeBytes(): number {
		return this.#runs.byteLength + this.lists.sizeBytes + this.#numbers.sizeBytes;
	}

	/** `running`: the slot whose image acts; for a boot it does not matter. */
	run(state: number, todo: { readonly action: Action; readonly running: Slot; readonly readSeed: number }): Run {
		const key = [state, stepNumber(todo.action), todo.running === 'a' ? 0 : 1, todo.readSeed, 0] as const;
		let index = this.#numbers.find(key);
		if (index < 0) {
			index = this.#size++;
			this.#numbers.put(index);
			this.#record(index, { state, todo });
		}
		const at = index * FIELDS;
		const runs = this.#runs;
		return {
			end: runs[at] as number,
			outcome: CODES[runs[at + 1] as number] as OutcomeCode,
			early: runs[at + 2] as number,
			late: runs[at + 3] as number,
			reason: this.#reasons[runs[at + 4] as number] as string,
		};
	}

	#record(index: number, { state, todo }: { readonly state: number; readonly todo: Parameters<Machine['run']>[1] }): void {
		if ((index + 1) * FIELDS > this.#runs.length) this.#runs = grown(this.#runs);
		const { flash } = this.#machine;
		this.#noted.length = 0;
		this.#last = state;
		this.#begun = 0;
		this.#lateFrom = 0;
		flash.watcher = this.#tears.program.length === 0 ? { after: this.#noteDone } : { before: this.#tear, after: this.#noteDone };
		const outcome = this.#machine.run(state, todo);
		flash.unwatch();
		const end = this.#machine.intern();
		const late = this.#list(this.#lateFrom, this.#noted.length);
		const reason = this.#reasonNumber('reason' in outcome ? outcome.reason : '');
		this.#runs.set([end, CODES.indexOf(codeOf(outcome)), this.#list(0, this.#lateFrom), late, reason], index * FIELDS);
	}

	/** The states noted, from one on and before another. */
	#list(from: number, before: number): number {
		let list = EMPTY;
		for (let index = before - 1; index >= from; index--) list = this.lists.put(this.#noted[index] as number, list);
		return list;
	}

	#reasonNumber(reason: string): number {
		let number = this.#reasonNumbers.get(reason);
		if (number === undefined) {
			number = this.#reasons.push(reason) - 1;
			this.#reasonNumbers.set(reason, number);
		}
		return number;
	}

	/** Every torn form of the operation about to begin; the state in hand is as before when it is done. */
	readonly #tear = (operation: Operation): void => {
		const { flash, torn } = this.#machine;
		const saved = flash.save(operation);
		for (const tear of this.#tears[operation.kind]) {
			torn.apply(operation, tear);
			this.#note();
			flash.restoreSaved(saved);
		}
	};

	readonly #noteDone = (): void => {
		this.#note();
		if (this.#noted.length > this.#begun) this.#lateFrom = this.#begun;
		this.#begun = this.#noted.length;
	};

	#note(): void {
		this.#cuts++;
		const state = this.#machine.intern();
		if (state === this.#last) return;
		this.#last = state;
		this.#noted.push(state);
	}
}

const FIELDS = 5;

const codeOf = (outcome: Outcome): OutcomeCode => (outcome.kind === 'runs' ? `runs-${outcome.slot}` : outcome.kind);
