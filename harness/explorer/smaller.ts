/** Sizes are compared number by number. */
export type Size = readonly number[];

/** Those that are smaller than `than`, the smallest first. */
export const smallestFirst = <One>(
	candidates: readonly One[],
	{ than, sizeOf }: { readonly than: One; readonly sizeOf: (one: One) => Size },
): readonly One[] => {
	const now = sizeOf(than);
	const smaller = candidates.map((candidate) => ({ candidate, size: sizeOf(candidate) })).filter(({ size }) => compareSizes(size, now) < 0);
	return smaller.sort((left, right) => compareSizes(left.size, right.size)).map(({ candidate }) => candidate);
};

const compareSizes = (left: Size, right: Size): number => {
	const place = left.findIndex((value, index) => value !== right[index]);
	return place < 0 ? 0 : (left[place] as number) - (right[place] as number);
};

/** A power loss at a flash operation. */
interface TornCut<Tear> {
	readonly operation: number;
	readonly tear: Tear | 'after';
	readonly seed: number;
}

/** The same loss torn more mildly by a ladder of tears, the mildest first; a clean one just before it; and the same with the first seed. */
export const milderCuts = <Tear>({ operation, tear, seed }: TornCut<Tear>, ladder: readonly (Tear | 'after')[]): readonly TornCut<Tear>[] => [
	...ladder.slice(0, ladder.indexOf(tear)).map((other) => ({ operation, tear: other, seed: 0 })),
	...(tear !== 'after' && operation > 0 ? [{ operation: operation - 1, tear: 'after' as const, seed: 0 }] : []),
	...(seed > 0 ? [{ operation, tear, seed: 0 }] : []),
];
