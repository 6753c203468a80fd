/**
 * The place of the first candidate that `test` takes, undefined where it takes none. Up to `width` are tried at once; which one
 * is found does not depend on how many.
 */
export const findFirst = async <Candidate>(
	candidates: readonly Candidate[],
	{ test, width }: { readonly test: (candidate: Candidate) => Promise<boolean>; readonly width: number },
): Promise<number | undefined> => {
	for (let from = 0; from < candidates.length; from += width) {
		const taken = await Promise.all(candidates.slice(from, from + width).map(test));
		const found = taken.indexOf(true);
		if (found >= 0) return from + found;
	}
	return undefined;
};
