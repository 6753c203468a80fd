import type { ConsolePattern } from '../../../harness/ports/index.js';
import { bytesOfUnits, decodeLossily, decodeWholeCharacters } from './lossy-text.js';
import type { ReceivedBytes } from './received-bytes.js';

/** A match of a regular expression is found whole while it is no longer than this. */
export const LONGEST_MATCH_BYTES = 64 * 1024;

export interface PatternHit {
	readonly index: number;
	readonly text: string;
	readonly groups: readonly (string | undefined)[];
	readonly endBytes: number;
	/** The match reaches the end of what came, and more bytes may make it longer: `v1.1` of `v1.12`. */
	readonly open: boolean;
}

/** Looks for patterns over bytes that keep coming; what was searched is not searched again, and a match may span any number of chunks. */
export class PatternSearch {
	readonly #from: number;
	readonly #needles: readonly Needle[];
	#searchedTo: number;

	/** Throws a TypeError for a pattern that can match nothing, or has the flag `g` or `y`. */
	constructor(patterns: ConsolePattern | readonly ConsolePattern[], from: number) {
		const list = typeof patterns === 'string' || patterns instanceof RegExp ? [patterns] : patterns;
		if (list.length === 0) throw new TypeError('console patterns: expected one at least, got none');
		this.#needles = list.map(createNeedle);
		this.#from = from;
		this.#searchedTo = from;
	}

	/** The match that ends first; of those that end together, the one that begins first, and then that of the pattern named first. */
	next(received: ReceivedBytes): PatternHit | undefined {
		let best: (PatternHit & { readonly startBytes: number }) | undefined;
		for (const [index, needle] of this.#needles.entries()) {
			const hit = needle(received, { from: this.#from, searchedTo: this.#searchedTo });
			if (hit === undefined) continue;
			if (best === undefined || hit.endBytes < best.endBytes || (hit.endBytes === best.endBytes && hit.startBytes < best.startBytes)) best = { ...hit, index };
		}
		if (best === undefined) this.#searchedTo = received.endBytes;
		return best;
	}
}

type Needle = (
	received: ReceivedBytes,
	area: { readonly from: number; readonly searchedTo: number },
) => (Omit<PatternHit, 'index'> & { readonly startBytes: number }) | undefined;

const createNeedle = (pattern: ConsolePattern): Needle => {
	if (typeof pattern === 'string') return createTextNeedle(pattern);
	if (pattern.global || pattern.sticky) throw new TypeError(`console pattern ${pattern}: expected no flag g or y`);
	return createExpressionNeedle(pattern);
};

const createTextNeedle = (pattern: string): Needle => {
	const wanted = Buffer.from(pattern);
	if (wanted.length === 0) throw new TypeError('console pattern: expected text, got an empty string');
	return (received, { from, searchedTo }) => {
		const start = Math.max(from, searchedTo - wanted.length + 1, received.firstKeptBytes);
		const at = received.view(start).indexOf(wanted);
		if (at < 0) return undefined;
		return { startBytes: start + at, endBytes: start + at + wanted.length, text: pattern, groups: [], open: false };
	};
};

const createExpressionNeedle = (pattern: RegExp): Needle => {
	const expression = new RegExp(pattern.source, `${pattern.flags}g`);
	const continuation = new RegExp(pattern.source, `${pattern.flags}y`);
	return (received, { from, searchedTo }) => {
		const start = Math.max(from, searchedTo - LONGEST_MATCH_BYTES, received.firstKeptBytes);
		// A window that begins behind `from` takes a byte more, so that `^` does not hold where no line begins.
		const context = start > Math.max(from, received.firstKeptBytes) ? 1 : 0;
		const bytes = received.view(start - context);
		const text = decodeWholeCharacters(bytes);
		expression.lastIndex = context;
		let match = expression.exec(text);
		while (match?.[0] === '') {
			expression.lastIndex = match.index + 1;
			match = expression.exec(text);
		}
		if (match === null) return undefined;
		const offsetOf = (units: number): number => start - context + bytesOfUnits(bytes, { text, units });
		const endUnits = match.index + match[0].length;
		return {
			startBytes: offsetOf(match.index),
			endBytes: offsetOf(endUnits),
			text: match[0],
			groups: match.slice(1),
			open: endUnits === text.length && mayGrow(continuation, { text, start: match.index, length: match[0].length }),
		};
	};
};

/** What a board may say next, tried behind a match: every ASCII character it can print. */
const CONTINUATIONS = ['\r\n', '\n', ...Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)), decodeLossily(Uint8Array.of(0xff))];

const mayGrow = (expression: RegExp, { text, start, length }: { readonly text: string; readonly start: number; readonly length: number }): boolean =>
	CONTINUATIONS.some((more) => {
		expression.lastIndex = start;
		return expression.exec(text + more)?.[0].length !== length;
	});
