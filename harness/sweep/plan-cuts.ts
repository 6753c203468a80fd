import { createRandom } from '../time/index.js';
import { placeOfTime, roundUs, type SweepProfile, type UpdatePlace } from './profile.js';

/** A cut that a sweep is to make. */
export interface PlannedCut extends UpdatePlace {
	/** From 0, in the order in which cuts are made. */
	readonly index: number;
	/** On the profile's own time. */
	readonly atMs: number;
	/** `spread`: over the whole update; `border`: close to where one phase ends and the next begins. */
	readonly why: 'spread' | 'border';
}

/** Share of the cuts that goes to borders, 0-1. */
const BORDER_RATIO = 0.4;
/** Distances from a border, nearest first: what is decided at a border is decided within milliseconds. */
const BORDER_STEPS_MS = [0, -0.5, 0.5, -1, 1, -2, 2, -4, 4, -8, 8, -16, 16, -32, 32, -64, 64] as const;

/**
 * Plans the cuts of a sweep: most are spread over the update, one at a seeded moment of each of as many equal parts of it, the
 * others stand close around the borders of its phases. In whichever place a sweep ends, what it has tried by then is spread
 * over the whole update. The same profile, count and seed plan the same cuts.
 */
export const planCuts = (profile: SweepProfile, { cuts, seed }: { readonly cuts: number; readonly seed: string }): readonly PlannedCut[] => {
	if (!(Number.isSafeInteger(cuts) && cuts > 0)) throw new RangeError(`cuts: a whole number above 0 was expected, got ${cuts}`);
	const border = listBorderTimes(profile, Math.floor(cuts * BORDER_RATIO));
	const spread = listSpreadTimes(profile, { count: cuts - border.length, seed });
	const ordered: Omit<PlannedCut, 'index' | 'phase' | 'offsetMs'>[] = [];
	for (let s = 0, b = 0; s < spread.length || b < border.length; ) {
		const takeSpread = b >= border.length || (s < spread.length && s * border.length <= b * spread.length);
		ordered.push(takeSpread ? { atMs: spread[s++] as number, why: 'spread' } : { atMs: border[b++] as number, why: 'border' });
	}
	return ordered.map(({ atMs, why }, index) => ({ index, ...placeOfTime(profile, atMs), atMs, why }));
};

/** Rings around the borders, from the inside out; every border has its turn in each ring. */
const listBorderTimes = ({ phases, durationMs }: SweepProfile, count: number): readonly number[] => {
	const borders = phases.slice(1).map(({ fromMs }) => fromMs);
	const found = new Set<number>();
	for (const step of BORDER_STEPS_MS) {
		for (const border of borders) {
			const atMs = roundUs(border + step);
			if (found.size < count && atMs >= 0 && atMs <= durationMs) found.add(atMs);
		}
	}
	return [...found];
};

const listSpreadTimes = ({ durationMs }: SweepProfile, { count, seed }: { readonly count: number; readonly seed: string }): readonly number[] => {
	const random = createRandom(seed).stream('sweep');
	const times = Array.from({ length: count }, (_, part) => roundUs(((part + random.next()) / count) * durationMs));
	return orderByHalves(count).map((part) => times[part] as number);
};

/** 0 to count - 1 so that any beginning of it is spread over the whole: bits in reverse. */
const orderByHalves = (count: number): readonly number[] => {
	const bits = Math.max(1, Math.ceil(Math.log2(count)));
	const reverse = (value: number): number => {
		let reversed = 0;
		for (let bit = 0; bit < bits; bit++) reversed = reversed * 2 + ((value >> bit) & 1);
		return reversed;
	};
	return Array.from({ length: 2 ** bits }, (_, index) => reverse(index)).filter((part) => part < count);
};
