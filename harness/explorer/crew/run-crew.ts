import { BitSets } from '../bit-sets.js';
import type { Machine } from '../machine.js';
import type { CarriedOutRun, RunBook, RunSource, Todo } from '../run-book.js';
import { stepNumber, stepOf } from '../steps.js';
import { grown } from '../grown.js';
import { ContentTeller } from './content-exchange.js';
import { ResultReader } from './result-reader.js';
import { AS_BEFORE, type RunRequests, type RunResults, VECTOR } from './run-server.js';
import { Words } from './words.js';

/** The way to somebody who carries out runs, on another core. */
export interface CrewLink {
	post(requests: RunRequests): void;
	/** The next results; waits for them. Null: they do not come. */
	receive(): RunResults | null;
}

/** Runs that are asked for and claimed at once. */
const CHUNK_SHIFT = 6;
const CHUNK = 1 << CHUNK_SHIFT;
/** Chunks that lie ready before whoever is to claim them. */
const AHEAD = 24;

/**
 * Who has claimed which chunk, for all to see: at the chunk's number modulo the length four times that number, and whose it
 * is: 0 nobody's, 1 the walk's own, 2 a helper's.
 */
export const createClaims = (): Int32Array<SharedArrayBuffer> => new Int32Array(new SharedArrayBuffer(1024 * Int32Array.BYTES_PER_ELEMENT));

/** True for the one who asks first. */
export const claimChunk = (claims: Int32Array, chunk: number, whose: 1 | 2): boolean => {
	const was = Atomics.compareExchange(claims, chunk % claims.length, 4 * chunk, 4 * chunk + whose);
	return was === 4 * chunk || was === 4 * chunk + whose;
};

/**
 * The runs that a walk is about to need, in the order in which it will: others claim some of them ahead of it, and it
 * takes over what they came to when it gets there. States get the numbers that they would have without help.
 */
export class RunCrew implements RunSource {
	readonly #machine: Machine;
	readonly #runs: RunBook;
	readonly #claims: Int32Array;
	#helpers: readonly Helper[];
	readonly #words = new Words();
	/** Three numbers a request: state, step, and 0 or 1 for the slot that acts. */
	#queue = new Int32Array(FIELDS << 10);
	/** By step and slot the states that were asked about. */
	readonly #asked = new BitSets();
	#size = 0;
	#at = 0;
	/** Chunks that were posted, or passed over. */
	#posted = 0;
	/** The chunk that the walk is in, and whose results it is: null its own. */
	#chunk = -1;
	#reader: ResultReader | null = null;
	/** Runs that were taken over. */
	taken = 0;

	constructor(parts: { readonly machine: Machine; readonly runs: RunBook; readonly links: readonly CrewLink[]; readonly claims: Int32Array }) {
		const { machine, runs, links, claims } = parts;
		const { contents, marks } = machine.flash;
		this.#machine = machine;
		this.#runs = runs;
		this.#claims = claims;
		this.#helpers = links.map((link) => ({ link, teller: new ContentTeller(contents, marks), reader: new ResultReader(machine, runs) }));
	}

	/** A run that the walk will need behind those that it was told before; told again it is the same one. */
	ask(state: number, step: number, slot: 'a' | 'b'): void {
		if (!this.#asked.add(2 * step + (slot === 'a' ? 0 : 1), state)) return;
		if ((this.#size + 1) * FIELDS > this.#queue.length) this.#queue = grown(this.#queue);
		const at = FIELDS * this.#size++;
		this.#queue[at] = state;
		this.#queue[at + 1] = step;
		this.#queue[at + 2] = slot === 'a' ? 0 : 1;
		if ((this.#size & (CHUNK - 1)) === 0) this.#post();
	}

	/** What the next run came to where somebody else has it; null: it is the walk's own, or was never asked for. */
	take(state: number, todo: Todo): CarriedOutRun | null {
		const step = stepNumber(todo.action);
		const slot = todo.running === 'a' ? 0 : 1;
		for (; this.#at < this.#size; this.#at++) {
			const at = FIELDS * this.#at;
			const isIt = this.#queue[at] === state && this.#queue[at + 1] === step && this.#queue[at + 2] === slot;
			if (!isIt && !this.#isKnown(at)) return null;
			const run = this.#settle();
			if (!isIt) continue;
			this.#at++;
			if (run !== null) this.taken++;
			return run;
		}
		return null;
	}

	/** The run of the request that the walk has come to, read whether it needs it or not: what follows builds on it. */
	#settle(): CarriedOutRun | null {
		const chunk = this.#at >> CHUNK_SHIFT;
		if (chunk !== this.#chunk) {
			this.#chunk = chunk;
			this.#reader = this.#enter(chunk);
			this.#post();
		}
		return this.#reader === null ? null : this.#reader.next(this.#queue[FIELDS * this.#at] as number);
	}

	#enter(chunk: number): ResultReader | null {
		const helper = this.#helpers[chunk % this.#helpers.length];
		if (helper === undefined || chunk >= this.#posted || claimChunk(this.#claims, chunk, 1)) return null;
		const results = helper.link.receive();
		if (results?.chunk === chunk) {
			helper.reader.open(results);
			return helper.reader;
		}
		// Nobody comes to help any more: the walk goes on alone.
		this.#helpers = [];
		return null;
	}

	#post(): void {
		const current = this.#at >> CHUNK_SHIFT;
		for (; this.#posted < this.#size >> CHUNK_SHIFT && this.#posted <= current + AHEAD * this.#helpers.length; this.#posted++) {
			const helper = this.#helpers[this.#posted % this.#helpers.length];
			if (helper === undefined) continue;
			const slot = this.#posted % this.#claims.length;
			// What the walk is in the middle of already is its own.
			Atomics.store(this.#claims, slot, 4 * this.#posted + (this.#posted > current ? 0 : 1));
			if (this.#posted > current) helper.link.post(this.#requests(this.#posted, helper));
		}
	}

	#requests(chunk: number, { teller, reader }: Helper): RunRequests {
		const { states } = this.#machine;
		const words = this.#words;
		let before = -1;
		for (let request = CHUNK * chunk; request < CHUNK * (chunk + 1); request++) {
			const at = FIELDS * request;
			const state = this.#queue[at] as number;
			words.push(this.#queue[at + 1] as number);
			words.push(this.#queue[at + 2] as number);
			const theirs = state === before ? AS_BEFORE : reader.theirs(state);
			words.push(theirs);
			if (theirs === VECTOR) for (let place = 0; place < states.width; place++) words.push(teller.tell(place, states.at(state, place)));
			before = state;
		}
		return { chunk, definitions: teller.take(), words: words.take() };
	}

	#isKnown(at: number): boolean {
		const action = stepOf(this.#queue[at + 1] as number);
		return action !== 'reset' && this.#runs.has(this.#queue[at] as number, { action, running: this.#queue[at + 2] === 0 ? 'a' : 'b', readSeed: 0 });
	}
}

const FIELDS = 3;

interface Helper {
	readonly link: CrewLink;
	readonly teller: ContentTeller;
	readonly reader: ResultReader;
}
