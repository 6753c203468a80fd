import { grown } from './grown.js';

/**
 * What runs learn and do, as a tree of what is asked and what was answered. A way through it stands in one piece where
 * nobody had another answer: a place holds what is asked, and the first answer to it; the place behind it is where that
 * answer leads. Other answers lead elsewhere. What is asked is a number above 0 of whoever asks.
 */
export class DecisionTree {
	/** Two numbers a place. */
	#places = new Int32Array(2 << 10);
	#size = 1;
	/** Ways that other answers lead: three numbers each: from which place, the answer, and the place it leads to. */
	#ways = new Int32Array(WAY << 8);
	#wayCount = 0;
	#slots = new Int32Array(1 << 9).fill(-1);

	/** Places so far: where the next way will begin. */
	get size(): number {
		return this.#size;
	}

	get sizeBytes(): number {
		return this.#places.byteLength + this.#ways.byteLength + this.#slots.byteLength;
	}

	/** 0: nobody has been there. */
	asked(place: number): number {
		return place < this.#size ? (this.#places[2 * place] as number) : 0;
	}

	/** The place that an answer leads to, 0: nobody has had it. */
	next(place: number, answer: number): number {
		return this.#places[2 * place + 1] === answer ? place + 1 : this.#way(place, answer);
	}

	/** Asks something where nobody has been, behind all that there is, and has the first answer: gives the place it leads to. */
	append(asked: number, answer: number): number {
		const at = 2 * this.#size;
		if (at + 2 > this.#places.length) this.#places = grown(this.#places);
		this.#places[at] = asked;
		this.#places[at + 1] = answer;
		return ++this.#size;
	}

	/** The way of an answer, which nobody has had there, begins behind all that there is. */
	begin(place: number, answer: number): number {
		if (2 * (this.#wayCount + 1) > this.#slots.length) this.#rehash();
		const at = WAY * this.#wayCount;
		if (at + WAY > this.#ways.length) this.#ways = grown(this.#ways);
		this.#ways[at] = place;
		this.#ways[at + 1] = answer;
		this.#ways[at + 2] = this.#size;
		this.#put(this.#wayCount++);
		return this.#size;
	}

	#way(place: number, answer: number): number {
		const ways = this.#ways;
		const mask = this.#slots.length - 1;
		let slot = hashOf(place, answer) & mask;
		for (let way = this.#slots[slot] as number; way >= 0; way = this.#slots[slot] as number) {
			if (ways[way * WAY] === place && ways[way * WAY + 1] === answer) return ways[way * WAY + 2] as number;
			slot = (slot + 1) & mask;
		}
		return 0;
	}

	#put(way: number): void {
		const mask = this.#slots.length - 1;
		let slot = hashOf(this.#ways[way * WAY] as number, this.#ways[way * WAY + 1] as number) & mask;
		while ((this.#slots[slot] as number) >= 0) slot = (slot + 1) & mask;
		this.#slots[slot] = way;
	}

	#rehash(): void {
		this.#slots = new Int32Array(2 * this.#slots.length).fill(-1);
		for (let way = 0; way < this.#wayCount; way++) this.#put(way);
	}
}

const WAY = 3;

const hashOf = (place: number, answer: number): number => {
	let hash = Math.imul(place, 0x9e3779b1) ^ Math.imul(answer + 1, 0x85ebca6b);
	hash ^= hash >>> 15;
	hash = Math.imul(hash, 0x2c1b3c6d);
	return hash ^ (hash >>> 13);
};
