import { type AuditEntry, EMPTY_TRAIL, hashEntry, parseEntry, type TrailHead } from './entry.js';
import { parseSeal } from './seal.js';

/** What is wrong with a trail, in one word. */
export type TrailProblem = 'changed' | 'removed' | 'inserted' | 'reordered' | 'duplicated' | 'cut-off' | 'unsealed' | 'wrong-seal';

export type TrailVerdict =
	| { readonly ok: true; readonly entries: number; readonly hash: string }
	| {
			readonly ok: false;
			readonly problem: TrailProblem;
			/** The first line that is wrong, from 1; one past the last where entries are missing at the end; absent where the seal is wrong. */
			readonly line?: number;
			readonly reason: string;
	  };

/** A trail's lines, each with its newline, the last perhaps without one. It is asked for them again once something is wrong. */
export type TrailLines = () => Iterable<string>;

/**
 * Holds a trail against its own chain and against its seal, and names the first line at which it is not what was written:
 * changed, removed, inserted, reordered, duplicated or cut off. Without a seal (undefined) nothing is good, as an end that was
 * cut off would not show; an empty trail under the seal of an empty trail is.
 */
export const verifyTrail = (trail: string | TrailLines, sealText: string | undefined): TrailVerdict => {
	const lines = typeof trail === 'string' ? () => trail.match(WITH_NEWLINE) ?? [] : trail;
	const chain = new Chain(lines);
	let number = 0;
	for (const line of lines()) {
		number++;
		const found = line.endsWith('\n') ? chain.check(line, number) : brokenOff(line);
		if (found !== undefined) return { ok: false, line: number, ...found };
	}
	return checkSeal(chain.head, sealText);
};

/** Each line with its newline; what follows the last one too. */
const WITH_NEWLINE = /[^\n]*\n|[^\n]+$/g;

const brokenOff = (line: string): Broken => ({
	problem: 'cut-off',
	reason: `a newline was expected at the end, the line breaks off after ${line.length} characters`,
});

interface Broken {
	readonly problem: TrailProblem;
	readonly reason: string;
}

/** Follows a chain line by line. Entries ahead and behind are looked up only once something is wrong, to say what. */
class Chain {
	readonly #lines: TrailLines;
	#head: TrailHead = EMPTY_TRAIL;

	constructor(lines: TrailLines) {
		this.#lines = lines;
	}

	get head(): TrailHead {
		return this.#head;
	}

	/** `number`: of the line, from 1. */
	check(line: string, number: number): Broken | undefined {
		let entry: AuditEntry;
		try {
			entry = parseEntry(line.slice(0, -1));
		} catch (error) {
			return { problem: 'changed', reason: (error as TypeError).message };
		}
		const hash = hashEntry(entry);
		if (entry.hash !== hash) return { problem: 'changed', reason: `entry ${entry.sequence}: its content has the hash ${hash}, it says ${entry.hash}` };
		const wanted = this.#head.entries + 1;
		if (entry.sequence === wanted && entry.previous === this.#head.hash) {
			this.#head = { entries: wanted, hash };
			return undefined;
		}
		return this.#describe(entry, { line, number, wanted });
	}

	/** An entry that is whole in itself and does not belong where it stands. */
	#describe(entry: AuditEntry, { line, number, wanted }: { readonly line: string; readonly number: number; readonly wanted: number }): Broken {
		const came = `entry ${wanted} was expected, entry ${entry.sequence} came`;
		const first = this.#find((other) => other === line);
		if (first !== undefined && first < number) return { problem: 'duplicated', reason: `${came}: the same line stands at line ${first}` };
		if (entry.sequence > wanted) {
			const elsewhere = this.#lineOf(wanted, number);
			if (elsewhere !== undefined) return { problem: 'reordered', reason: `${came}: entry ${wanted} stands at line ${elsewhere}` };
			const missing = entry.sequence - wanted;
			return { problem: 'removed', reason: `${came}: ${missing === 1 ? `entry ${wanted} is` : `entries ${wanted} to ${entry.sequence - 1} are`} missing` };
		}
		if (entry.sequence < wanted) return { problem: 'inserted', reason: `${came}: another entry ${entry.sequence} stands at line ${entry.sequence}` };
		const twin = this.#lineOf(wanted, number);
		if (twin !== undefined)
			return { problem: 'inserted', reason: `entry ${wanted} follows another chain than the entry before; entry ${wanted} stands at line ${twin} too` };
		return {
			problem: 'changed',
			reason: `entry ${wanted} follows the hash ${entry.previous}, the entry before has ${this.#head.hash}: one of them was replaced`,
		};
	}

	/** Line of an entry behind that line, from 1. */
	#lineOf(sequence: number, after: number): number | undefined {
		const start = `{"sequence":${sequence},`;
		return this.#find((line, number) => number > after && line.startsWith(start));
	}

	#find(isWanted: (line: string, number: number) => boolean): number | undefined {
		let number = 0;
		for (const line of this.#lines()) if (isWanted(line, ++number)) return number;
		return undefined;
	}
}

const checkSeal = (head: TrailHead, sealText: string | undefined): TrailVerdict => {
	if (sealText === undefined)
		return { ok: false, problem: 'unsealed', reason: 'a seal was expected beside the trail, there is none: an end that was cut off would not show' };
	let seal: ReturnType<typeof parseSeal>;
	try {
		seal = parseSeal(sealText);
	} catch (error) {
		return { ok: false, problem: 'wrong-seal', reason: (error as TypeError).message };
	}
	const { replaces } = seal;
	if (isSame(seal, head) || (replaces !== undefined && isSame(replaces, head))) return { ok: true, entries: head.entries, hash: head.hash };
	if (head.entries < seal.entries)
		return {
			ok: false,
			problem: 'cut-off',
			line: head.entries + 1,
			reason: `${seal.entries} entries were sealed, ${head.entries} are there: the last ${seal.entries - head.entries} are missing`,
		};
	if (head.entries > seal.entries)
		return {
			ok: false,
			problem: 'inserted',
			line: seal.entries + 1,
			reason: `${seal.entries} entries were sealed, ${head.entries} are there: what follows was added since`,
		};
	return { ok: false, problem: 'wrong-seal', reason: `the seal is of another trail: it says ${seal.hash}, the last entry has ${head.hash}` };
};

const isSame = (one: TrailHead, other: TrailHead): boolean => one.entries === other.entries && one.hash === other.hash;
