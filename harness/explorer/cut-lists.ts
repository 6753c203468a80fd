import { grown } from './grown.js';

/** The list that holds nothing. */
export const EMPTY = -1;

/**
 * Lists of states that power can leave, in order: a cell holds those that one operation leaves. A boot that goes on where
 * another was cut passes through the same states from some point on: lists with the same end share it, and whoever has
 * followed an end once knows it again.
 */
export class CutLists {
	/** What operations leave, each once. */
	#left = new Int32Array(1 << 12);
	#leftCount = 0;
	/** Three numbers a cell: from where to where its states stand, and the cell after it. */
	#cells = new Int32Array(CELL << 10);
	#slots = new Int32Array(1 << 11).fill(-1);
	#size = 0;

	get sizeBytes(): number {
		return this.#left.byteLength + this.#cells.byteLength + this.#slots.byteLength;
	}

	/** Cells so far. */
	get size(): number {
		return this.#size;
	}

	/** States left so far: where the next one will stand. */
	get leftCount(): number {
		return this.#leftCount;
	}

	/** Takes up a state behind those that are there. */
	leave(state: number): void {
		if (this.#leftCount === this.#left.length) this.#left = grown(this.#left);
		this.#left[this.#leftCount++] = state;
	}

	left(at: number): number {
		return this.#left[at] as number;
	}

	begin(cell: number): number {
		return this.#cells[cell * CELL] as number;
	}

	end(cell: number): number {
		return this.#cells[cell * CELL + 1] as number;
	}

	after(cell: number): number {
		return this.#cells[cell * CELL + 2] as number;
	}

	/** The cell that holds what stands from `begin` on and before `end`, before a list. */
	put(begin: number, end: number, list: number): number {
		const cells = this.#cells;
		const mask = this.#slots.length - 1;
		let slot = hashOf(begin, end, list) & mask;
		for (let cell = this.#slots[slot] as number; cell >= 0; cell = this.#slots[slot] as number) {
			const at = cell * CELL;
			if (cells[at] === begin && cells[at + 1] === end && cells[at + 2] === list) return cell;
			slot = (slot + 1) & mask;
		}
		const cell = this.#size++;
		if (cell * CELL === cells.length) this.#cells = grown(cells);
		this.#cells.set([begin, end, list], cell * CELL);
		this.#slots[slot] = cell;
		if (2 * this.#size > this.#slots.length) this.#rehash();
		return cell;
	}

	has(list: number, state: number): boolean {
		for (let cell = list; cell !== EMPTY; cell = this.after(cell)) {
			for (let at = this.begin(cell); at < this.end(cell); at++) if (this.left(at) === state) return true;
		}
		return false;
	}

	#rehash(): void {
		const slots = new Int32Array(2 * this.#slots.length).fill(-1);
		const mask = slots.length - 1;
		for (let cell = 0; cell < this.#size; cell++) {
			let slot = hashOf(this.begin(cell), this.end(cell), this.after(cell)) & mask;
			while ((slots[slot] as number) >= 0) slot = (slot + 1) & mask;
			slots[slot] = cell;
		}
		this.#slots = slots;
	}
}

const CELL = 3;

const hashOf = (begin: number, end: number, list: number): number => {
	let hash = Math.imul(begin + 1, 0x9e3779b1) ^ Math.imul(list + 2, 0x85ebca6b) ^ Math.imul(end, 0xc2b2ae35);
	hash ^= hash >>> 15;
	hash = Math.imul(hash, 0x2c1b3c6d);
	return hash ^ (hash >>> 13);
};
