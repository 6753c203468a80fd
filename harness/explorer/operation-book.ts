import { type AskedOperation, AskedOperations } from './asked-operations.js';
import { CutLists, EMPTY } from './cut-lists.js';
import { grown } from './grown.js';
import type { Sector } from './sectors.js';
import type { Tear } from './tear-ladder.js';
import type { Operation, OperationWatcher } from './flash-watchers.js';
import type { WalkFlash } from './walk-flash.js';

/**
 * What operations make of states, each carried out once: the state after it, and those that power can leave of it. Whoever
 * asks the same of the same state again goes on from there at once. A copy in units counts as one that is asked for, and
 * as many that power can end.
 */
export class OperationBook implements OperationWatcher {
	/** What was asked for, by number. */
	readonly asked: AskedOperations;
	/** What power can leave, operation after operation. */
	readonly lists: CutLists;
	/** Power losses tried, those that leave a state known already included. */
	cuts = 0;
	readonly before?: (operation: Operation) => void;
	readonly #flash: WalkFlash;
	readonly #tears: Readonly<Record<Operation['kind'], readonly Tear[]>>;
	readonly #tearer: { apply(operation: Operation, tear: Tear): void };
	readonly #represent: () => number;
	/** What is torn of an erase that finds its sector erased leaves it so. */
	readonly #passesErased: boolean;
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
		this.asked = new AskedOperations({ placeOf: (asked) => this.#placeOf(asked), cutsOf: (asked) => this.#cutsOf(asked) });
		this.#passesErased = options.tears.erase.every(({ tear }) => tear === 'half');
		if (options.tears.program.length > 0) this.before = this.#tear;
	}

	get sizeBytes(): number {
		return this.asked.sizeBytes + this.#latest.byteLength + this.#known.byteLength + this.lists.sizeBytes;
	}

	/** Something begins to run. `cuts`: power losses tried before. */
	start(cuts: number): void {
		this.cuts = cuts;
		this.#isOpen = false;
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

	/** An operation, by its number, as it is known of the state in hand, -1: it is not. */
	find(number: number): number {
		const known = this.#known;
		let index = this.#latest[this.#flash.contents.states.intern()] ?? -1;
		while (index >= 0 && (known[index * FIELDS + 1] as number) >> 1 !== number) index = known[index * FIELDS] as number;
		return index;
	}

	/** Takes the state after a known operation in hand. */
	pass(index: number): void {
		if (this.#isOpen) this.#close();
		const { states } = this.#flash.contents;
		const known = this.#known;
		const entry = index * FIELDS;
		const what = known[entry + 1] as number;
		const after = known[entry + 2] as number;
		const asked = what >> 1;
		if ((what & 1) === 1) states.step(after, this.asked.place(asked));
		else states.load(after);
		this.cuts += this.asked.cuts(asked);
		const begin = known[entry + 3] as number;
		const left = known[entry + 4] as number;
		const late = left & 0xffff;
		this.#note(begin, begin + (left >>> 16), late === 0 ? -1 : begin + late - 1);
	}

	/** True where the sector in hand is erased already, and power can leave nothing else of it: the erase counts as done. */
	passErased(sector: Sector): boolean {
		const { contents } = this.#flash;
		if (!this.#passesErased || contents.markSet !== 0 || !contents.isBlank(sector)) return false;
		if (this.#isOpen) this.#close();
		this.cuts += 1 + this.#tears.erase.length;
		return true;
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
	}

	/** It has come to its end. Null: the same of the same state may come to something else. */
	keep(number: number | null): void {
		this.#close();
		const count = this.lists.leftCount - this.#begin;
		if (number === null || count > MOST_LEFT) return;
		const { markPlace, states } = this.#flash.contents;
		const after = states.intern();
		const index = this.#size++;
		if ((index + 1) * FIELDS > this.#known.length) this.#known = grown(this.#known);
		while (this.#before >= this.#latest.length) this.#latest = grownWith(this.#latest, -1);
		const isStep = this.asked.place(number) >= 0 && states.at(this.#before, markPlace) === states.at(after, markPlace);
		const entry = index * FIELDS;
		this.#known[entry] = this.#latest[this.#before] as number;
		this.#known[entry + 1] = (number << 1) | (isStep ? 1 : 0);
		this.#known[entry + 2] = after;
		this.#known[entry + 3] = this.#begin;
		this.#known[entry + 4] = (count << 16) | (this.#late < 0 ? 0 : this.#late - this.#begin + 1);
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

	#placeOf(asked: AskedOperation): number {
		const { contents } = this.#flash;
		if (asked.kind === 'counter') return contents.counterPlace;
		const { index } = contents.sectorOf(asked.at);
		return contents.sectorOf(asked.at + asked.length - 1).index === index ? index : -1;
	}

	#cutsOf(asked: AskedOperation): number {
		if (asked.kind === 'counter' || asked.kind === 'erase') return 1 + this.#tears[asked.kind].length;
		return (asked.kind === 'copy' ? Math.ceil(asked.length / asked.unit) : 1) * (1 + this.#tears.program.length);
	}

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

/**
 * Next known of the state; twice the operation's number, and 1 where only its own place of the vector changes; state after;
 * where what it leaves begins; how much that is, and one more than where its last unit that changed anything begins in it.
 */
const FIELDS = 5;

/** States that one operation may leave and still be remembered. */
const MOST_LEFT = 0x7fff;

const grownWith = (values: Int32Array, fill: number): Int32Array<ArrayBuffer> => {
	const larger = grown(values);
	larger.fill(fill, values.length);
	return larger;
};
