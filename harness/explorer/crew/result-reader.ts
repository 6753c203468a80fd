import type { Machine } from '../machine.js';
import type { CarriedOutRun, RunBook } from '../run-book.js';
import { grown } from '../grown.js';
import { ContentListener } from './content-exchange.js';
import { ASKED_ABOUT, type RunResults } from './run-server.js';

/** Reads what one helper's runs came to, one after the other, into one's own numbers. */
export class ResultReader {
	readonly #machine: Machine;
	readonly #runs: RunBook;
	readonly #listener: ContentListener;
	/** One's own numbers, by the helper's: of states, of entries of what operations leave, of cells. */
	readonly #states = new Renumbered();
	readonly #left = new Renumbered();
	readonly #cells = new Renumbered();
	#words = new Int32Array(0);
	#reasons: readonly string[] = [];
	#at = 0;

	constructor(machine: Machine, runs: RunBook) {
		this.#machine = machine;
		this.#runs = runs;
		this.#listener = new ContentListener(machine.flash.contents, machine.flash.marks);
	}

	/** What the helper calls a state; -1: it has no name for it that one knows of. */
	theirs(own: number): number {
		return this.#states.theirs(own);
	}

	open({ definitions, words, reasons }: RunResults): void {
		this.#listener.learn(definitions);
		this.#words = words;
		this.#reasons = reasons;
		this.#at = 0;
	}

	/** `asked`: the state that the run begins with. */
	next(asked: number): CarriedOutRun {
		for (let states = this.#word(); states > 0; states--) this.#readState(asked);
		const { lists } = this.#runs;
		for (let left = this.#word(); left > 0; left--) {
			this.#left.add(lists.leftCount);
			lists.leave(this.#states.at(this.#word()));
		}
		for (let cells = this.#word(); cells > 0; cells--) {
			const begin = this.#left.at(this.#word());
			const end = this.#left.at(this.#word() - 1) + 1;
			this.#cells.add(lists.put(begin, end, this.#cell()));
		}
		const outcome = this.#word();
		const reason = this.#reasons[this.#word()] as string;
		const cuts = this.#word();
		return { outcome, reason, cuts, end: this.#states.at(this.#word()), early: this.#cell(), late: this.#cell() };
	}

	/** In the order in which whoever carries the run out first comes to them. */
	#readState(asked: number): void {
		const { states } = this.#machine;
		const place = this.#word();
		if (place === ASKED_ABOUT) {
			this.#states.add(asked);
			return;
		}
		if (place < 0) for (let each = 0; each < states.width; each++) states.set(each, this.#listener.own(each, this.#word()));
		else {
			states.load(this.#states.last);
			states.set(place, this.#listener.own(place, this.#word()));
		}
		const own = states.intern();
		this.#states.add(own);
		// Whoever counts states asks which one stands for it.
		this.#machine.intern();
	}

	#cell(): number {
		const cell = this.#word();
		return cell < 0 ? cell : this.#cells.at(cell);
	}

	#word(): number {
		return this.#words[this.#at++] as number;
	}
}

/** Numbers in the order in which another one has them. */
class Renumbered {
	#own = new Int32Array(1 << 10);
	/** One more than the other's, by one's own; 0: none. */
	#theirs = new Int32Array(1 << 10);
	#size = 0;

	add(own: number): void {
		if (this.#size === this.#own.length) this.#own = grown(this.#own);
		while (own >= this.#theirs.length) this.#theirs = grown(this.#theirs);
		this.#own[this.#size++] = own;
		this.#theirs[own] = this.#size;
	}

	at(number: number): number {
		return this.#own[number] as number;
	}

	theirs(own: number): number {
		return (this.#theirs[own] ?? 0) - 1;
	}

	get last(): number {
		return this.at(this.#size - 1);
	}
}
