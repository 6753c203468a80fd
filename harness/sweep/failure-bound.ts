/**
 * The upper bound on the rate at which cuts break a board, 0-1, from independent cuts of which so many broke it: the exact one
 * of Clopper and Pearson, one-sided. Without a failure it is 1 - (1 - confidence)^(1/cuts), about 3 / cuts for 95 %.
 *
 * It speaks of cuts drawn like those that were made. A fault that only a window smaller than the largest untested gap can show
 * is outside of it.
 */
export const boundFailureRate = ({
	cuts,
	failures,
	confidence = 0.95,
}: {
	readonly cuts: number;
	readonly failures: number;
	readonly confidence?: number;
}): number => {
	if (!(Number.isSafeInteger(cuts) && cuts >= 0 && Number.isSafeInteger(failures) && failures >= 0 && failures <= cuts))
		throw new RangeError(`cuts and failures: whole numbers with failures <= cuts were expected, got ${failures} of ${cuts}`);
	if (!(confidence > 0 && confidence < 1)) throw new RangeError(`confidence: between 0 and 1 was expected, got ${confidence}`);
	if (failures === cuts) return 1;
	if (failures === 0) return 1 - (1 - confidence) ** (1 / cuts);
	let low = failures / cuts;
	let high = 1;
	for (let round = 0; round < 60; round++) {
		const rate = (low + high) / 2;
		if (atMost(failures, { cuts, rate }) > 1 - confidence) low = rate;
		else high = rate;
	}
	return high;
};

/** The probability of at most so many failures where each cut fails at `rate`, above 0 and below 1. */
const atMost = (failures: number, { cuts, rate }: { readonly cuts: number; readonly rate: number }): number => {
	let logTerm = cuts * Math.log1p(-rate);
	let sum = Math.exp(logTerm);
	for (let k = 1; k <= failures; k++) {
		logTerm += Math.log((cuts - k + 1) / k) + Math.log(rate) - Math.log1p(-rate);
		sum += Math.exp(logTerm);
	}
	return sum;
};
