import { TupleMap } from './tuple-map.js';

/** An operation as it is asked for; a copy in units counts as one. */
export type AskedOperation =
	| { readonly kind: 'program'; readonly at: number; readonly length: number; readonly bytes: Uint8Array }
	| { readonly kind: 'copy'; readonly at: number; readonly length: number; readonly from: number; readonly unit: number }
	| { readonly kind: 'erase'; readonly at: number; readonly length: number }
	| { readonly kind: 'counter'; readonly to: number };

/** The operations that anybody has asked for so far, each known by its number. */
export class AskedOperations {
	readonly #operations: AskedOperation[] = [];
	readonly #numbers = new TupleMap();
	readonly #places: number[] = [];
	readonly #cuts: number[] = [];
	readonly #placeOf: (asked: AskedOperation) => number;
	readonly #cutsOf: (asked: AskedOperation) => number;

	/** `placeOf`: the one place of the vector that it can change, -1: it can change several; `cutsOf`: power losses that are tried in it. */
	constructor(options: { readonly placeOf: (asked: AskedOperation) => number; readonly cutsOf: (asked: AskedOperation) => number }) {
		this.#placeOf = options.placeOf;
		this.#cutsOf = options.cutsOf;
	}

	get sizeBytes(): number {
		return this.#numbers.sizeBytes + this.#operations.reduce((sum, each) => sum + (each.kind === 'program' ? each.length : 0), 0);
	}

	/** Equal operations, equal numbers; the bytes of a new one are copied. */
	program(at: number, bytes: Uint8Array): number {
		const hash = hashBytes(bytes);
		for (let nth = 0; ; nth++) {
			const known = this.#numbers.find([PROGRAM, at, bytes.length, hash, nth]);
			if (known < 0) return this.#add({ kind: 'program', at, length: bytes.length, bytes: bytes.slice() });
			const found = this.#operations[known] as AskedOperation & { readonly kind: 'program' };
			if (Buffer.compare(found.bytes, bytes) === 0) return known;
		}
	}

	copy(what: { readonly at: number; readonly length: number; readonly from: number; readonly unit: number }): number {
		const { at, length, from, unit } = what;
		const known = this.#numbers.find([COPY, at, length, from, unit]);
		return known >= 0 ? known : this.#add({ kind: 'copy', at, length, from, unit });
	}

	erase(at: number, length: number): number {
		const known = this.#numbers.find([ERASE, at, length, 0, 0]);
		return known >= 0 ? known : this.#add({ kind: 'erase', at, length });
	}

	counter(to: number): number {
		const known = this.#numbers.find([COUNTER, to, 0, 0, 0]);
		return known >= 0 ? known : this.#add({ kind: 'counter', to });
	}

	get(number: number): AskedOperation {
		return this.#operations[number] as AskedOperation;
	}

	place(number: number): number {
		return this.#places[number] as number;
	}

	cuts(number: number): number {
		return this.#cuts[number] as number;
	}

	/** Under the key that was looked for last. */
	#add(asked: AskedOperation): number {
		const number = this.#operations.push(asked) - 1;
		this.#numbers.put(number);
		this.#places.push(this.#placeOf(asked));
		this.#cuts.push(this.#cutsOf(asked));
		return number;
	}
}

const PROGRAM = 0;
const COPY = 1;
const ERASE = 2;
const COUNTER = 3;

/** Bytes of a program that its hash looks at: long ones are told apart by the comparison that follows. */
const HASHED_BYTES = 64;

const hashBytes = (bytes: Uint8Array): number => {
	let hash = bytes.length;
	const step = Math.max(1, Math.floor(bytes.length / HASHED_BYTES));
	for (let place = 0; place < bytes.length; place += step) {
		hash = Math.imul(hash ^ (bytes[place] as number), 0x01000193);
		hash ^= hash >>> 15;
	}
	return hash;
};
