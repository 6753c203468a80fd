import { Machine } from '../machine.js';
import { RunBook } from '../run-book.js';
import { stepOf } from '../steps.js';
import type { Subject } from '../subject.js';
import type { TearLevel } from '../tear-ladder.js';
import { ContentListener, ContentTeller, type Definitions } from './content-exchange.js';
import { Words } from './words.js';

/**
 * Runs that somebody else may carry out: for each its step, 0 or 1 for the slot that acts, and the state: its number with
 * whoever is asked, -1 and its vector, or -2: as the one before.
 */
export interface RunRequests {
	readonly chunk: number;
	readonly definitions: Definitions;
	readonly words: Int32Array<ArrayBuffer>;
}

/** In place of a state's number. */
export const VECTOR = -1;
export const AS_BEFORE = -2;

/**
 * What they came to, in the numbers of whoever carried them out. For each run: how many new states, each as a place and
 * its value in which it differs from the one before, -1 and its vector, or -2: it is the one that was asked about; how many new entries of what operations leave,
 * and these; how many new cells, and three numbers each; then outcome, reason, cuts, end, early and late.
 */
export interface RunResults {
	readonly chunk: number;
	readonly definitions: Definitions;
	readonly words: Int32Array<ArrayBuffer>;
	readonly reasons: readonly string[];
}

/** Carries out runs for a walk elsewhere, on a machine of its own. */
export class RunServer {
	readonly #machine: Machine;
	readonly #runs: RunBook;
	readonly #teller: ContentTeller;
	readonly #listener: ContentListener;
	readonly #words = new Words();
	#toldStates = 0;
	#toldLeft = 0;
	#toldCells = 0;

	constructor(subject: Subject, options: { readonly level: TearLevel; readonly seeds: number }) {
		this.#machine = new Machine(subject);
		this.#runs = new RunBook(this.#machine, options);
		const { contents, marks } = this.#machine.flash;
		this.#teller = new ContentTeller(contents, marks);
		this.#listener = new ContentListener(contents, marks);
	}

	/** Requests that somebody else has taken: what they define holds for later ones. */
	skip({ definitions }: RunRequests): void {
		this.#listener.learn(definitions);
	}

	/** `onRun`: one more is done. */
	answer(requests: RunRequests, onRun: () => void = () => {}): RunResults {
		this.#listener.learn(requests.definitions);
		const words = this.#words;
		const reasons: string[] = [];
		let asked = -1;
		for (let at = 0; at < requests.words.length; at += 3) {
			const [step = 0, slot = 0, number = 0] = requests.words.subarray(at, at + 3);
			if (number >= 0) asked = number;
			if (number === VECTOR) {
				asked = this.#stateOf(requests.words.subarray(at + 3, at + 3 + this.#machine.states.width));
				at += this.#machine.states.width;
			}
			this.#answerOne(asked, { step, slot, words, reasons });
			onRun();
		}
		return { chunk: requests.chunk, definitions: this.#teller.take(), words: words.take(), reasons };
	}

	#stateOf(vector: Int32Array): number {
		const { states } = this.#machine;
		for (let place = 0; place < states.width; place++) states.set(place, this.#listener.own(place, vector[place] as number));
		return this.#machine.intern();
	}

	#answerOne(asked: number, what: { readonly step: number; readonly slot: number; readonly words: Words; readonly reasons: string[] }): void {
		const { step, slot, words, reasons } = what;
		const action = stepOf(step);
		if (action === 'reset') throw new RangeError('request: an action was expected, got a reset');
		const run = this.#runs.carryOut(asked, { action, running: slot === 0 ? 'a' : 'b', readSeed: 0 });
		this.#tellStates(words, asked);
		const { lists } = this.#runs;
		words.push(lists.leftCount - this.#toldLeft);
		for (; this.#toldLeft < lists.leftCount; this.#toldLeft++) words.push(lists.left(this.#toldLeft));
		words.push(lists.size - this.#toldCells);
		for (; this.#toldCells < lists.size; this.#toldCells++) {
			words.push(lists.begin(this.#toldCells));
			words.push(lists.end(this.#toldCells));
			words.push(lists.after(this.#toldCells));
		}
		let reason = reasons.indexOf(run.reason);
		if (reason < 0) reason = reasons.push(run.reason) - 1;
		for (const word of [run.outcome, reason, run.cuts, run.end, run.early, run.late]) words.push(word);
	}

	#tellStates(words: Words, asked: number): void {
		const { states } = this.#machine;
		words.push(states.size - this.#toldStates);
		for (; this.#toldStates < states.size; this.#toldStates++) {
			const state = this.#toldStates;
			if (state === asked) {
				words.push(ASKED_ABOUT);
				continue;
			}
			states.load(state);
			const place = state === 0 ? -1 : states.differsAt(state - 1);
			words.push(place);
			if (place >= 0) words.push(this.#teller.tell(place, states.hand[place] as number));
			else for (let each = 0; each < states.width; each++) words.push(this.#teller.tell(each, states.hand[each] as number));
		}
	}
}

/** In place of a vector. */
export const ASKED_ABOUT = -2;
