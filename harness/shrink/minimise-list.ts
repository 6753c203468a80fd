import { findFirst } from './find-first.js';

export interface MinimiseOptions<Item> {
	/** Whether a shorter list still fails. */
	readonly test: (items: readonly Item[]) => Promise<boolean>;
	/** Lists that are tried at once. */
	readonly width: number;
	/** Fewest items to come down to, 0 or 1. */
	readonly least: 0 | 1;
}

/**
 * A list of as few of the items as still fail, in their order: no item can be left out of it alone. It is the list it was given,
 * which is not tried, or one that `test` took.
 *
 * What fails often needs only what came first, or just the last of that: the shortest beginning is looked for by halving, then
 * its last item is tried alone. What is left is minimised by delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating
 * Failure-Inducing Input", 2002).
 */
export const minimiseList = async <Item>(items: readonly Item[], options: MinimiseOptions<Item>): Promise<readonly Item[]> => {
	if (items.length <= options.least) return items;
	if (options.least === 0 && (await options.test([]))) return [];
	const beginning = await findBeginning(items, options);
	const last = beginning.slice(-1);
	if (beginning.length > 1 && (await options.test(last))) return last;
	return debugDeltas(beginning, options);
};

/** The shortest beginning that fails, where every longer one does too; some beginning that fails where they do not. */
const findBeginning = async <Item>(items: readonly Item[], { test }: MinimiseOptions<Item>): Promise<readonly Item[]> => {
	let tooShort = 0;
	let fails = items.length;
	while (fails - tooShort > 1) {
		const middle = Math.floor((tooShort + fails) / 2);
		if (await test(items.slice(0, middle))) fails = middle;
		else tooShort = middle;
	}
	return items.slice(0, fails);
};

/** Tries parts and what is left without them, smaller and smaller ones, until no item can be left out. */
const debugDeltas = async <Item>(items: readonly Item[], { test, width, least }: MinimiseOptions<Item>): Promise<readonly Item[]> => {
	let current = items;
	let parts = 2;
	while (current.length > Math.max(1, least)) {
		const borders = Array.from({ length: parts + 1 }, (_, part) => Math.floor((part * current.length) / parts));
		const pieces = Array.from({ length: parts }, (_, part) => current.slice(borders[part], borders[part + 1]));
		const rests = parts === 2 ? [] : pieces.map((_, part) => [...current.slice(0, borders[part]), ...current.slice(borders[part + 1])]);
		const candidates = [...pieces, ...rests];
		const found = await findFirst(candidates, { test, width });
		if (found !== undefined) {
			current = candidates[found] as readonly Item[];
			parts = found < pieces.length ? 2 : Math.max(2, parts - 1);
		} else if (parts < current.length) parts = Math.min(current.length, parts * 2);
		else return current;
	}
	return current;
};
