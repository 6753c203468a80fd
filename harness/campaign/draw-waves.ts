import type { Random } from '../time/index.js';
import type { InventoryEntry } from './campaign-service.js';

/**
 * Draws which devices go in which wave. As far as the pilot is large enough it holds each hardware revision once before any
 * twice, so that a release that is bad on one revision shows there; the rest is drawn evenly.
 * The same draw for the same devices, in whatever order they come.
 */
export const drawWaves = (
	devices: readonly InventoryEntry[],
	{ sizes, random }: { readonly sizes: readonly number[]; readonly random: Random },
): readonly (readonly string[])[] => {
	const drawn = shuffle([...devices].sort(byDevice), random);
	const firsts: InventoryEntry[] = [];
	const others: InventoryEntry[] = [];
	const seen = new Set<string>();
	for (const entry of drawn) {
		(seen.has(entry.hardware) ? others : firsts).push(entry);
		seen.add(entry.hardware);
	}
	const order = [...firsts, ...others].map(({ device }) => device);
	let from = 0;
	return sizes.map((size) => {
		const wave = order.slice(from, from + size);
		from += size;
		return wave;
	});
};

const byDevice = (left: InventoryEntry, right: InventoryEntry): number => (left.device < right.device ? -1 : 1);

/** Fisher and Yates, in place. */
const shuffle = <Item>(items: Item[], random: Random): Item[] => {
	for (let last = items.length - 1; last > 0; last--) {
		const other = random.integer(last + 1);
		[items[last], items[other]] = [items[other] as Item, items[last] as Item];
	}
	return items;
};
