import type { CutRecord } from './cut-record.js';
import type { SweepProfile } from './profile.js';

/** What a sweep was begun with: one that goes on must be begun with the same. */
export interface SweepStart {
	/** Boards that share its cuts. */
	readonly boards: readonly string[];
	readonly rigDigest: string;
	/** Way the update takes. */
	readonly path: string;
	/** SHA-256 of the images, hex. */
	readonly golden: string;
	readonly candidate: string;
	/** A whole number, as text. */
	readonly seed: string;
	readonly cuts: number;
	readonly profile: SweepProfile;
	/** The boards take the golden image back as an update. */
	readonly thereAndBack: boolean;
}

/** What must be the same for a sweep to go on. */
export type SweepIdentity = Omit<SweepStart, 'profile' | 'thereAndBack'>;

/** A sweep that has come so far. */
export interface SweepState {
	readonly start: SweepStart;
	readonly records: readonly CutRecord[];
}

/** The first line of a sweep's state, newline included. */
export const encodeSweepStart = (start: SweepStart): string => `${JSON.stringify({ sweep: 1, ...start })}\n`;
export const encodeCutRecord = (record: CutRecord): string => `${JSON.stringify({ cut: record.index, ...record })}\n`;

/**
 * Reads the lines of a sweep's state back. A last line that was cut short is left out: its cut is made again. Throws a
 * TypeError that names the line for anything else that is no state of a sweep.
 */
export const parseSweepState = (text: string): SweepState => {
	const [first, ...rest] = text
		.slice(0, text.lastIndexOf('\n') + 1)
		.split('\n')
		.slice(0, -1)
		.map(parseLine);
	if (first?.['sweep'] !== 1) throw new TypeError('state of a sweep, line 1: its start was expected');
	const { sweep: _, ...start } = first as unknown as SweepStart & { readonly sweep: 1 };
	const done = new Set<number>();
	const records = rest.map((value, at) => {
		const { cut, ...record } = value as unknown as CutRecord & { readonly cut: number };
		if (!Number.isSafeInteger(cut) || cut < 0 || cut >= start.cuts || done.has(cut))
			throw new TypeError(`state of a sweep, line ${at + 2}: a cut that was not made before was expected, got ${JSON.stringify(cut) ?? 'none'}`);
		done.add(cut);
		return record;
	});
	return { start, records };
};

/** What stands in the way of going on with a sweep that was begun otherwise; undefined: nothing does. */
export const findOtherStart = (begun: SweepIdentity, wanted: SweepIdentity): string | undefined => {
	const differs = (['boards', 'rigDigest', 'path', 'golden', 'candidate', 'seed', 'cuts'] as const).find((key) => String(begun[key]) !== String(wanted[key]));
	return differs === undefined ? undefined : `it was begun with ${differs} ${begun[differs]}, got ${wanted[differs]}`;
};

const parseLine = (line: string, at: number): Readonly<Record<string, unknown>> => {
	try {
		const value: unknown = JSON.parse(line);
		if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
	} catch {
		// Told below, with its line.
	}
	throw new TypeError(`state of a sweep, line ${at + 1}: an object in JSON was expected, got ${JSON.stringify(line.slice(0, 80))}`);
};
