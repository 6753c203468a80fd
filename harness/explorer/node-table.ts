import { grown } from './state-table.js';
import { TupleMap } from './tuple-map.js';

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
	readonly #numbers = new TupleMap();
	#size = 0;

	get size(): number {
		return this.#size;
	}

	get sizeBytes(): number {
		return this.#nodes.byteLength + this.#numbers.sizeBytes;
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

	cuts(index: number): number {
		return (this.#nodes[index * FIELDS + 3] as number) >> 9;
	}

	/** The number of a node where it is new, or was reached with more cuts so far; -1 otherwise. */
	reach(node: Node): number {
		const what = (node.belief << 2) | PLACES.indexOf(node.place);
		let index = this.#numbers.find([node.state, what, 0, 0, 0]);
		if (index >= 0 && this.cuts(index) <= node.cuts) return -1;
		if (index < 0) {
			index = this.#size++;
			if ((index + 1) * FIELDS > this.#nodes.length) this.#nodes = grown(this.#nodes);
			this.#numbers.put(index);
		}
		const at = index * FIELDS;
		this.#nodes[at] = node.state;
		this.#nodes[at + 1] = what;
		this.#nodes[at + 2] = node.parent;
		this.#nodes[at + 3] = (node.cuts << 9) | (node.step << 1) | (node.isCut ? 1 : 0);
		return index;
	}
}

const FIELDS = 4;
