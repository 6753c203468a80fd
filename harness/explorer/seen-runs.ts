import type { ImageVerdict } from '../bootloader/index.js';
import type { FlashArea } from '../flash/index.js';
import { DecisionTree } from './decision-tree.js';
import type { Machine, Outcome } from './machine.js';
import type { Todo } from './run-book.js';
import { stepNumber } from './steps.js';
import type { FlashWitness } from './flash-watchers.js';

/** What is asked in the tree: the kind in the low bits, above them a page, an area, an operation or an outcome by number. */
const KIND_BITS = 3;
const PAGE = 1;
const COUNTER = 2;
const VERDICT = 3;
const OPERATION = 4;
const END = 5;
/** Who came this far was not followed: a later one goes on elsewhere. */
const BROKEN_OFF = 6;

/** Places of the tree that are kept at most, and in one run. */
const MOST_PLACES = 1 << 24;
const MOST_STEPS = 1 << 14;

/**
 * Runs that were seen: a bootloader begins anew each time, so that what it does follows from what it reads and from nothing
 * else. Where a state reads alike as far as a run has looked, the same is done to it without asking the bootloader again.
 */
export class SeenRuns implements FlashWitness {
	readonly #machine: Machine;
	readonly #tree = new DecisionTree();
	/** By step and slot. */
	readonly #roots: number[] = [];
	readonly #outcomes: Outcome[] = [];
	readonly #areas: FlashArea[] = [];
	readonly #verdicts = new Map<ImageVerdict, number>();
	readonly #verdictNumbers = new Map<string, number>();
	readonly #pageShift: number;
	/** Of the run that is watched: where in the tree it is, 0: it is not followed; how far it has come. */
	#place = 0;
	#steps = 0;
	#isDoing = false;
	/** By page the last run that has read it, and has not changed it since. */
	readonly #readers: Int32Array;
	#counterReader = 0;
	#watched = 0;

	constructor(machine: Machine) {
		const { contents } = machine.flash;
		this.#machine = machine;
		this.#pageShift = Math.log2(contents.store.pageSizeBytes);
		this.#readers = new Int32Array(contents.sizeBytes >> this.#pageShift);
	}

	get sizeBytes(): number {
		return this.#tree.sizeBytes;
	}

	/** What the machine's `run` does, the flash's book and watcher being set; `again`: it begins once more from the same state. */
	run(state: number, todo: Todo, again: () => void): Outcome {
		const machine = this.#machine;
		if (todo.readSeed !== 0 || !this.#isPlain(state)) return machine.run(state, todo);
		const at = 2 * stepNumber(todo.action) + (todo.running === 'a' ? 0 : 1);
		const root = this.#roots[at];
		const seen = root === undefined ? null : this.#replay(state, root);
		if (seen !== null) return seen;
		again();
		if (root === undefined) this.#roots[at] = this.#tree.size;
		this.#begin(root ?? this.#tree.size);
		machine.flash.witness = this;
		try {
			const outcome = machine.run(state, todo);
			this.#end(outcome);
			return outcome;
		} finally {
			machine.flash.witness = null;
		}
	}

	reads(offsetBytes: number, lengthBytes: number): void {
		if (this.#place === 0) return;
		const { contents } = this.#machine.flash;
		const end = (offsetBytes + lengthBytes - 1) >> this.#pageShift;
		for (let page = offsetBytes >> this.#pageShift; page <= end; page++) {
			if (this.#readers[page] === this.#watched) continue;
			this.#readers[page] = this.#watched;
			this.#step((page << KIND_BITS) | PAGE, contents.pageAt(page << this.#pageShift));
		}
	}

	readsCounter(): void {
		if (this.#place === 0 || this.#counterReader === this.#watched) return;
		this.#counterReader = this.#watched;
		this.#step(COUNTER, this.#machine.flash.contents.counter);
	}

	judges(area: FlashArea, verdict: ImageVerdict): void {
		if (this.#place === 0) return;
		let number = this.#areas.findIndex(({ offsetBytes, sizeBytes }) => offsetBytes === area.offsetBytes && sizeBytes === area.sizeBytes);
		if (number < 0) number = this.#areas.push(area) - 1;
		this.#step((number << KIND_BITS) | VERDICT, this.#verdictNumber(verdict));
	}

	/** What changes is read anew by whoever reads it again. */
	does(operation: number, range: { readonly offsetBytes: number; readonly lengthBytes: number }): void {
		// One that was refused before has no end of its own.
		if (this.#isDoing) this.#breakOff();
		if (this.#place === 0) return;
		this.#isDoing = true;
		const { offsetBytes, lengthBytes } = range;
		if (lengthBytes === 0) this.#counterReader = 0;
		else this.#readers.fill(0, offsetBytes >> this.#pageShift, ((offsetBytes + lengthBytes - 1) >> this.#pageShift) + 1);
		this.#step((operation << KIND_BITS) | OPERATION, 0);
	}

	done(): void {
		this.#isDoing = false;
	}

	/** No unit or cell is in a condition that its bytes do not show, or comes into one. */
	#isPlain(state: number): boolean {
		const { contents, geometry } = this.#machine.flash;
		return geometry.writeOnce !== true && this.#machine.states.at(state, contents.markPlace) === 0;
	}

	#replay(state: number, root: number): Outcome | null {
		const { flash, states } = this.#machine;
		const { contents } = flash;
		const tree = this.#tree;
		states.load(state);
		flash.restart();
		try {
			for (let place = root; place > 0; ) {
				const asked = tree.asked(place);
				const number = asked >> KIND_BITS;
				switch (asked & ((1 << KIND_BITS) - 1)) {
					case PAGE:
						place = tree.next(place, contents.pageAt(number << this.#pageShift));
						break;
					case OPERATION:
						flash.repeat(number);
						place++;
						break;
					case VERDICT:
						place = tree.next(place, this.#verdictNumber(this.#machine.verdict(this.#areas[number] as FlashArea)));
						break;
					case COUNTER:
						place = tree.next(place, contents.counter);
						break;
					case END:
						return this.#outcomes[number] as Outcome;
					default:
						place = tree.next(place, 0);
				}
			}
		} catch {
			// Flash refuses now what it took where this was seen: the bootloader itself shows what comes of that.
		}
		return null;
	}

	#begin(root: number): void {
		this.#place = this.#tree.size < MOST_PLACES ? root : 0;
		this.#steps = 0;
		this.#isDoing = false;
		this.#watched++;
	}

	#end(outcome: Outcome): void {
		if (this.#isDoing) this.#breakOff();
		if (this.#place === 0) return;
		this.#step(((this.#outcomes.push(outcome) - 1) << KIND_BITS) | END, 0);
		this.#place = 0;
	}

	#step(asked: number, answer: number): void {
		const tree = this.#tree;
		if (++this.#steps > MOST_STEPS) return this.#breakOff();
		let known = tree.asked(this.#place);
		if (known === BROKEN_OFF) {
			this.#place = tree.next(this.#place, 0) || tree.begin(this.#place, 0);
			known = tree.asked(this.#place);
		}
		if (known === 0) this.#place = tree.append(asked, answer);
		else if (known === asked) this.#place = tree.next(this.#place, answer) || tree.begin(this.#place, answer);
		// The same was read, and something else is done: whoever does that is beyond what can be foreseen.
		else this.#place = 0;
	}

	/** The run is followed no further. */
	#breakOff(): void {
		if (this.#place > 0 && this.#place === this.#tree.size) this.#tree.append(BROKEN_OFF, -1);
		this.#place = 0;
		this.#isDoing = false;
	}

	/** Equal verdicts, equal numbers. */
	#verdictNumber(verdict: ImageVerdict): number {
		let number = this.#verdicts.get(verdict);
		if (number === undefined) {
			const text = JSON.stringify(verdict);
			number = this.#verdictNumbers.get(text) ?? this.#verdictNumbers.size;
			this.#verdictNumbers.set(text, number);
			this.#verdicts.set(verdict, number);
		}
		return number;
	}
}
