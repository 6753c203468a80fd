import { grown } from './state-table.js';

/** The list that holds nothing. */
export const EMPTY = -1;

/**
 * Lists of states that power can leave, in order. A boot that goes on where another was cut passes through the same
 * states from some point on: lists with the same end share it, and whoever has followed an end once knows it again.
 */
export class CutLists {
	/** Two numbers a cell: its state, and the cell after it. */
	#cells = new Int32Array(CELL << 12);
	#slots = new Int32Array(1 << 13).fill(-1);
	#size = 0;

	get sizeBytes(): number {
		return this.#cells.byteLength + this.#slots.byteLength;
	}

	state(cell: number): number {
		return this.#cells[cell * CELL] as number;
	}

	after(cell: number): number {
		return this.#cells[cell * CELL + 1] as number;
	}

	/** The cell that holds a state before a list. */
	put(state: number, list: number): number {
		const cells = this.#cells;
		const mask = this.#slots.length - 1;
		let slot = hashOf(state, list) & mask;
		for (let cell = this.#slots[slot] as number; cell >= 0; cell = this.#slots[slot] as number) {
			if (cells[cell * CELL] === state && cells[cell * CELL + 1] === list) return cell;
			slot = (slot + 1) & mask;
		}
		return this.#add(slot, { state, list });
	}

	has(list: number, state: number): boolean {
		for (let cell = list; cell !== EMPTY; cell = this.after(cell)) if (this.state(cell) === state) return true;
		return false;
	}

	#add(slot: number, { state, list }: { readonly state: number; readonly list: number }): number {
		const cell = this.#size++;
		if (cell * CELL === this.#cells.length) this.#cells = grown(this.#cells);
		this.#cells[cell * CELL] = state;
		this.#cells[cell * CELL + 1] = list;
		this.#slots[slot] = cell;
		if (2 * this.#size > this.#slots.length) this.#rehash();
		return cell;
	}

	#rehash(): void {
		const slots = new Int32Array(2 * this.#slots.length).fill(-1);
		const mask = slots.length - 1;
		for (let cell = 0; cell < this.#size; cell++) {
			let slot = hashOf(this.state(cell), this.after(cell)) & mask;
			while ((slots[slot] as number) >= 0) slot = (slot + 1) & mask;
			slots[slot] = cell;
		}
		this.#slots = slots;
	}
}

const CELL = 2;

const hashOf = (state: number, list: number): number => {
	let hash = Math.imul(state + 1, 0x9e3779b1) ^ Math.imul(list + 2, 0x85ebca6b);
	hash ^= hash >>> 15;
	hash = Math.imul(hash, 0x2c1b3c6d);
	return hash ^ (hash >>> 13);
};
