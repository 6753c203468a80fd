import { grown } from './grown.js';
import { PageTuples } from './page-tuples.js';

/**
 * Distinct states, each a vector of whole numbers kept once and known by its index. One vector is in hand: it is changed
 * place by place, and its hash with it. Two vectors have one index exactly when they are equal: the hash only says where
 * to look, so that a collision costs time and never a state. States differ in few places: a vector is kept as the numbers
 * of its pieces, each distinct piece once.
 */
export class StateTable {
	/** Numbers in a vector. */
	readonly width: number;
	/** The vector in hand, to be read; `set` changes it. */
	readonly hand: Int32Array;
	#hash = 0;
	/** The index of the vector in hand, -1: it has been changed since it had one. */
	#current = -1;
	readonly #mix: MixHash;
	readonly #pieces = new PageTuples();
	/** Pieces of the vector in hand: their numbers, and which were changed since they had one. */
	readonly #handPieces: Int32Array;
	readonly #isChanged: Uint8Array;
	/** The numbers of the pieces of so many vectors a part, so that room for more costs no copy of what is there. */
	readonly #vectors: Int32Array[] = [];
	#hashes = new Int32Array(PART);
	#slots = new Int32Array(1 << 12).fill(-1);
	#size = 0;

	/** `mix`: what one place of a vector adds to its hash; another one is for tests of collisions. */
	constructor(options: { readonly width: number; readonly mix?: MixHash }) {
		this.width = options.width;
		this.hand = new Int32Array(options.width);
		this.#mix = options.mix ?? mixPlace;
		this.#handPieces = new Int32Array(Math.ceil(this.width / PIECE));
		this.#isChanged = new Uint8Array(this.#handPieces.length).fill(1);
		for (let place = 0; place < this.width; place++) this.#hash = (this.#hash + this.#mix(place, 0)) | 0;
	}

	get size(): number {
		return this.#size;
	}

	/** Bytes that the table holds, room for growth included. */
	get sizeBytes(): number {
		return this.#vectors.reduce((sum, { byteLength }) => sum + byteLength, 0) + this.#pieces.sizeBytes + this.#hashes.byteLength + this.#slots.byteLength;
	}

	/** Takes a state in hand. */
	load(index: number): void {
		const pieces = this.#handPieces;
		const part = this.#vectors[index >>> PART_SHIFT] as Int32Array;
		const start = (index & (PART - 1)) * pieces.length;
		for (let piece = 0; piece < pieces.length; piece++) {
			const wanted = part[start + piece] as number;
			if (pieces[piece] === wanted && this.#isChanged[piece] === 0) continue;
			this.#pieces.copyTo(this.hand, piece * PIECE, wanted);
			pieces[piece] = wanted;
			this.#isChanged[piece] = 0;
		}
		this.#hash = this.#hashes[index] as number;
		this.#current = index;
	}

	/** Takes in hand a state that is known to differ from the one in hand, which has an index, in a single place. */
	step(index: number, place: number): void {
		const piece = place >>> PIECE_SHIFT;
		const wanted = this.#pieceOf(index, piece);
		this.hand[place] = this.#pieces.page(wanted, place & (PIECE - 1));
		this.#handPieces[piece] = wanted;
		this.#isChanged[piece] = 0;
		this.#hash = this.#hashes[index] as number;
		this.#current = index;
	}

	/** Changes one place of the vector in hand. */
	set(place: number, value: number): void {
		const before = this.hand[place] as number;
		if (before === value) return;
		this.#hash = (this.#hash - this.#mix(place, before) + this.#mix(place, value)) | 0;
		this.hand[place] = value;
		this.#isChanged[place >>> PIECE_SHIFT] = 1;
		this.#current = -1;
	}

	/** The one place in which the vector in hand differs from a state, -1: there are more; where there is none it is the first. */
	differsAt(index: number): number {
		let found = -1;
		for (let place = 0; place < this.width; place++) {
			if (this.at(index, place) === this.hand[place]) continue;
			if (found >= 0) return -1;
			found = place;
		}
		return Math.max(0, found);
	}

	/** One place of a state, whatever is in hand. */
	at(index: number, place: number): number {
		return this.#pieces.page(this.#pieceOf(index, place >>> PIECE_SHIFT), place & (PIECE - 1));
	}

	/** The index of the vector in hand, new where it was never seen. */
	intern(): number {
		if (this.#current < 0) this.#current = this.#find();
		return this.#current;
	}

	#pieceOf(index: number, piece: number): number {
		return (this.#vectors[index >>> PART_SHIFT] as Int32Array)[(index & (PART - 1)) * this.#handPieces.length + piece] as number;
	}

	#find(): number {
		for (let piece = 0; piece < this.#handPieces.length; piece++) {
			if (this.#isChanged[piece] === 0) continue;
			this.#handPieces[piece] = this.#pieces.internPart(this.hand, { first: piece * PIECE, end: Math.min(this.width, (piece + 1) * PIECE) });
			this.#isChanged[piece] = 0;
		}
		const hash = this.#hash;
		const mask = this.#slots.length - 1;
		let slot = spread(hash) & mask;
		for (let index = this.#slots[slot] as number; index >= 0; index = this.#slots[slot] as number) {
			if (this.#hashes[index] === hash && this.#isInHand(index)) return index;
			slot = (slot + 1) & mask;
		}
		return this.#add(slot);
	}

	#add(slot: number): number {
		const index = this.#size++;
		if (index === this.#hashes.length) this.#hashes = grown(this.#hashes);
		const pieces = this.#handPieces;
		if ((index & (PART - 1)) === 0) this.#vectors.push(new Int32Array(pieces.length << PART_SHIFT));
		(this.#vectors[index >>> PART_SHIFT] as Int32Array).set(pieces, (index & (PART - 1)) * pieces.length);
		this.#hashes[index] = this.#hash;
		this.#slots[slot] = index;
		if (2 * this.#size > this.#slots.length) this.#rehash();
		return index;
	}

	#isInHand(index: number): boolean {
		const pieces = this.#handPieces;
		const part = this.#vectors[index >>> PART_SHIFT] as Int32Array;
		const start = (index & (PART - 1)) * pieces.length;
		for (let piece = 0; piece < pieces.length; piece++) {
			if (part[start + piece] !== pieces[piece]) return false;
		}
		return true;
	}

	#rehash(): void {
		const slots = new Int32Array(2 * this.#slots.length).fill(-1);
		const mask = slots.length - 1;
		for (let index = 0; index < this.#size; index++) {
			let slot = spread(this.#hashes[index] as number) & mask;
			while ((slots[slot] as number) >= 0) slot = (slot + 1) & mask;
			slots[slot] = index;
		}
		this.#slots = slots;
	}
}

const PIECE_SHIFT = 4;
/** Places in a piece. */
const PIECE = 1 << PIECE_SHIFT;

const PART_SHIFT = 8;
/** Vectors in a part. */
const PART = 1 << PART_SHIFT;

export type MixHash = (place: number, value: number) => number;

const mixPlace: MixHash = (place, value) => {
	let hash = Math.imul(value + Math.imul(place + 1, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(place + 1, 0xc2b2ae35);
	hash ^= hash >>> 15;
	hash = Math.imul(hash, 0x2c1b3c6d);
	return hash ^ (hash >>> 13);
};

const spread = (hash: number): number => hash ^ (hash >>> 16);
