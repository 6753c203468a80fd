import { CutLists, EMPTY } from './cut-lists.js';
import { grown } from './state-table.js';
import type { Tear } from './tear-ladder.js';
import type { Operation, OperationWatcher, WalkFlash } from './walk-flash.js';

/** What is asked of flash, by number. */
export const ASKED = { program: 0, copy: 1, erase: 2, counter: 3 } as const;

/** An operation as it is asked for, apart from the bytes of a program. */
export interface AskedOperation {
	readonly kind: (typeof ASKED)[keyof typeof ASKED];
	readonly at: number;
	readonly length: number;
	/** Where a copy comes from, and how much of it goes at once. */
	readonly from: number;
	readonly unit: number;
}

/**
 * What operations make of states, each carried out once: the state after it, and those that power can leave of it. Whoever
 * asks the same of the same state again goes on from there at once. A copy in units counts as one that is asked for, and
 * as many that power can end.
 */
export class OperationBook implements OperationWatcher {
	/** What power can leave, operation after operation. */
	readonly lists: CutLists;
	/** Power losses tried, those that leave a state known already included. */
	cuts = 0;
	readonly before?: (operation: Operation) => void;
	readonly #flash: WalkFlash;
	readonly #tears: Readonly<Record<Operation['kind'], readonly Tear[]>>;
	readonly #tearer: { apply(operation: Operation, tear: Tear): void };
	readonly #represent: () => number;
	/** By state: the last operation that was learnt of it, -1: none. */
	#latest = new Int32Array(1 << 10).fill(-1);
	#known = new Int32Array(FIELDS << 10);
	#size = 0;
	/** Since `start`: from where to where in the lists each operation left states. */
	#spans = new Int32Array(1 << 10);
	#spanCount = 0;
	/** Where the states begin that the last operation left that changed anything: which span, and where in it. */
	#lateSpan = 0;
	#lateAt = -1;
	/** The operation that is carried out: the state before it, where what it leaves begins, and the same of its last unit that changed anything, -1: none did. */
	#isOpen = false;
	#before = -1;
	#begin = 0;
	#unitBegin = 0;
	#late = -1;
	#last = -1;
	#cutsBefore = 0;

	/** `represent`: the number of the state in hand, or of the one that stands for it. */
	constructor(
		flash: WalkFlash,
		options: {
			readonly tears: Readonly<Record<Operation['kind'], readonly Tear[]>>;
			readonly tearer: { apply(operation: Operation, tear: Tear): void };
			readonly represent: () => number;
		},
	) {
		this.#flash = flash;
		this.#tears = options.tears;
		this.#tearer = options.tearer;
		this.#represent = options.represent;
		this.lists = new CutLists();
		if (options.tears.program.length > 0) this.before = this.#tear;
	}

	get sizeBytes(): number {
		return this.#latest.byteLength + this.#known.byteLength + this.lists.sizeBytes;
	}

	/** Something begins to run. */
	start(): void {
		this.#spanCount = 0;
		this.#lateSpan = 0;
		this.#lateAt = -1;
	}

	/** What power can leave of what has run since `start`: before the last operation that changed anything has begun, and from then on. */
	finish(): { readonly early: number; readonly late: number } {
		if (this.#isOpen) this.#close();
		const spans = this.#spans;
		let late = EMPTY;
		for (let span = this.#spanCount - 1; span > this.#lateSpan; span--) late = this.lists.put(spans[2 * span] as number, spans[2 * span + 1] as number, late);
		if (this.#spanCount === 0) return { early: EMPTY, late };
		const begin = spans[2 * this.#lateSpan] as number;
		const at = this.#lateAt < 0 ? begin : this.#lateAt;
		late = this.lists.put(at, spans[2 * this.#lateSpan + 1] as number, late);
		let early = at > begin ? this.lists.put(begin, at, EMPTY) : EMPTY;
		for (let span = this.#lateSpan - 1; span >= 0; span--) early = this.lists.put(spans[2 * span] as number, spans[2 * span + 1] as number, early);
		return { early, late };
	}

	/** The operation as it is known of the state in hand, -1: it is not. `bytes`: of a program. */
	find({ kind, at, length, from, unit }: AskedOperation, bytes?: Uint8Array): number {
		const known = this.#known;
		for (let index = this.#latest[this.#flash.contents.states.intern()] ?? -1; index >= 0; ) {
			const entry = index * FIELDS;
			if (
				known[entry + 1] === kind &&
				known[entry + 2] === at &&
				known[entry + 3] === length &&
				known[entry + 4] === from &&
				known[entry + 5] === unit &&
				(bytes === undefined || this.#flash.contents.holdsIn(known[entry + 6] as number, at, bytes))
			) {
				return index;
			}
			index = known[entry] as number;
		}
		return -1;
	}

	/** Takes the state after a known operation in hand. */
	pass(index: number): void {
		if (this.#isOpen) this.#close();
		const { states } = this.#flash.contents;
		const known = this.#known;
		const entry = index * FIELDS;
		const after = known[entry + 6] as number;
		const place = known[entry + 7] as number;
		if (place >= 0) states.step(after, place, known[entry + 8] as number);
		else states.load(after);
		this.cuts += known[entry + 12] as number;
		this.#note(known[entry + 9] as number, known[entry + 10] as number, known[entry + 11] as number);
	}

	/** An operation is about to be carried out, with this as its watcher. */
	open(): void {
		// One that was refused has no end of its own.
		if (this.#isOpen) this.#close();
		this.#isOpen = true;
		this.#before = this.#flash.contents.states.intern();
		this.#begin = this.lists.leftCount;
		this.#unitBegin = this.#begin;
		this.#late = -1;
		this.#last = this.#represent();
		this.#cutsBefore = this.cuts;
	}

	/** It has come to its end. Null: the same of the same state may come to something else. */
	keep(asked: AskedOperation | null): void {
		this.#close();
		if (asked === null) return;
		const { states } = this.#flash.contents;
		const after = states.intern();
		const place = states.differsAt(this.#before);
		const index = this.#size++;
		if ((index + 1) * FIELDS > this.#known.length) this.#known = grown(this.#known);
		while (this.#before >= this.#latest.length) this.#latest = grownWith(this.#latest, -1);
		const { kind, at, length, from, unit } = asked;
		const value = place < 0 ? 0 : (states.hand[place] as number);
		const next = this.#latest[this.#before] as number;
		const cuts = this.cuts - this.#cutsBefore;
		this.#known.set([next, kind, at, length, from, unit, after, place, value, this.#begin, this.lists.leftCount, this.#late, cuts], index * FIELDS);
		this.#latest[this.#before] = index;
	}

	readonly after = (): void => {
		this.#leave();
		const { leftCount } = this.lists;
		if (leftCount > this.#unitBegin) this.#late = this.#unitBegin;
		this.#unitBegin = leftCount;
	};

	/** Every torn form of the operation about to begin; the state in hand is as before when it is done. */
	readonly #tear = (operation: Operation): void => {
		const flash = this.#flash;
		const saved = flash.save(operation);
		for (const tear of this.#tears[operation.kind]) {
			this.#tearer.apply(operation, tear);
			this.#leave();
			flash.contents.restore(saved);
		}
	};

	#leave(): void {
		this.cuts++;
		const state = this.#represent();
		if (state === this.#last) return;
		this.#last = state;
		this.lists.leave(state);
	}

	#close(): void {
		this.#isOpen = false;
		this.#note(this.#begin, this.lists.leftCount, this.#late);
	}

	#note(begin: number, end: number, late: number): void {
		if (begin === end) return;
		if (late >= 0) {
			this.#lateSpan = this.#spanCount;
			this.#lateAt = late;
		}
		if (2 * this.#spanCount === this.#spans.length) this.#spans = grown(this.#spans);
		this.#spans[2 * this.#spanCount] = begin;
		this.#spans[2 * this.#spanCount + 1] = end;
		this.#spanCount++;
	}
}

/** Next known of the state; kind, at, length, from, unit; state after, the place it differs in and its value there; begin, end and late of what it leaves; cuts. */
const FIELDS = 13;

const grownWith = (values: Int32Array, fill: number): Int32Array<ArrayBuffer> => {
	const larger = grown(values);
	larger.fill(fill, values.length);
	return larger;
};
