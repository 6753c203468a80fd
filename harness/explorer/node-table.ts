/** Where a device is: without power, or with the image in one of its slots running. */
export const PLACES = ['off', 'a', 'b'] as const;
export type Place = (typeof PLACES)[number];

/** A state of the flash, what is believed of the device, and where it is. */
export interface Standing {
	readonly state: number;
	readonly belief: number;
	readonly place: Place;
}

/** A standing, and how it was reached. */
export interface Node extends Standing {
	/** Power losses on the way here. */
	readonly cuts: number;
	/** -1: the start. */
	readonly parent: number;
	/** What led here from the parent, as `stepNumber` gives it. */
	readonly step: number;
	/** It was cut short. */
	readonly isCut: boolean;
}

/** Distinct nodes, and how each was first reached with the fewest cuts. */
export class NodeTable {
	/** Four numbers a node: state; belief and place; parent; cuts, step and whether it was cut. */
	#nodes = new Int32Array(FIELDS << 10);
	#visited = new Uint8Array(1 << 10);
	#slots = new Int32Array(1 << 12).fill(-1);
	#size = 0;

	get size(): number {
		return this.#size;
	}

	get sizeBytes(): number {
		return this.#nodes.byteLength + this.#visited.byteLength + this.#slots.byteLength;
	}

	node(index: number): Node {
		const at = index * FIELDS;
		const what = this.#nodes[at + 1] as number;
		const how = this.#nodes[at + 3] as number;
		return {
			state: this.#nodes[at] as number,
			belief: what >> 2,
			place: PLACES[what & 3] as Place,
			cuts: how >> 9,
			parent: this.#nodes[at + 2] as number,
			step: (how >> 1) & 0xff,
			isCut: (how & 1) === 1,
		};
	}

	state(index: number): number {
		return this.#nodes[index * FIELDS] as number;
	}

	belief(index: number): number {
		return (this.#nodes[index * FIELDS + 1] as number) >> 2;
	}

	place(index: number): Place {
		return PLACES[(this.#nodes[index * FIELDS + 1] as number) & 3] as Place;
	}

	cuts(index: number): number {
		return (this.#nodes[index * FIELDS + 3] as number) >> 9;
	}

	isVisited(index: number): boolean {
		return this.#visited[index] === 1;
	}

	markVisited(index: number): void {
		this.#visited[index] = 1;
	}

	/** The number of a node where it is new, or was reached with more cuts so far; -1 otherwise. Whole numbers one by one: a walk has no time for an object each. */
	reach(state: number, what: number, cuts: number, how: number, parent: number): number {
		if (4 * (this.#size + 1) > 3 * this.#slots.length) this.#rehash();
		const slot = this.#find(state, what);
		let index = this.#slots[slot] as number;
		if (index >= 0 && this.cuts(index) <= cuts) return -1;
		if (index < 0) index = this.#add(slot);
		const at = index * FIELDS;
		const nodes = this.#nodes;
		nodes[at] = state;
		nodes[at + 1] = what;
		nodes[at + 2] = parent;
		nodes[at + 3] = (cuts << 9) | how;
		return index;
	}

	/** Where the node stands among the slots, or would. */
	#find(state: number, what: number): number {
		const mask = this.#slots.length - 1;
		let slot = hashOf(state, what) & mask;
		for (let index = this.#slots[slot] as number; index >= 0; index = this.#slots[slot] as number) {
			if (this.#nodes[index * FIELDS] === state && this.#nodes[index * FIELDS + 1] === what) return slot;
			slot = (slot + 1) & mask;
		}
		return slot;
	}

	#add(slot: number): number {
		const index = this.#size++;
		if ((index + 1) * FIELDS > this.#nodes.length) {
			const nodes = new Int32Array(FIELDS * (index + (index >> 1)));
			nodes.set(this.#nodes);
			this.#nodes = nodes;
			const visited = new Uint8Array(nodes.length / FIELDS);
			visited.set(this.#visited);
			this.#visited = visited;
		}
		this.#slots[slot] = index;
		return index;
	}

	#rehash(): void {
		const slots = new Int32Array(2 * this.#slots.length).fill(-1);
		const mask = slots.length - 1;
		for (let index = 0; index < this.#size; index++) {
			let slot = hashOf(this.#nodes[index * FIELDS] as number, this.#nodes[index * FIELDS + 1] as number) & mask;
			while ((slots[slot] as number) >= 0) slot = (slot + 1) & mask;
			slots[slot] = index;
		}
		this.#slots = slots;
	}
}

const FIELDS = 4;

/** What led to a node as one number. */
export const howOf = (step: number, isCut: boolean): number => (step << 1) | (isCut ? 1 : 0);

/** Belief and place as one number. */
export const whatOf = (belief: number, place: Place): number => (belief << 2) | (place === 'off' ? 0 : place === 'a' ? 1 : 2);

const hashOf = (state: number, what: number): number => {
	let hash = Math.imul(state + 1, 0x9e3779b1) ^ Math.imul(what + 1, 0x85ebca6b);
	hash ^= hash >>> 15;
	hash = Math.imul(hash, 0x2c1b3c6d);
	return hash ^ (hash >>> 13);
};
