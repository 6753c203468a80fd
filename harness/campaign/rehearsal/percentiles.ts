/** What a measure was over many seeds; by nearest rank, so that each is a value that came. */
export interface Percentiles {
	readonly p50: number;
	readonly p90: number;
	readonly p99: number;
	readonly worst: number;
}

/** Of at least one value, the higher the worse. */
export const percentilesOf = (values: readonly number[]): Percentiles => {
	if (values.length === 0) throw new RangeError('values: at least one was expected, got none');
	const sorted = [...values].sort((left, right) => left - right);
	const at = (ratio: number): number => sorted[Math.max(0, Math.ceil(ratio * sorted.length) - 1)] as number;
	return { p50: at(0.5), p90: at(0.9), p99: at(0.99), worst: sorted.at(-1) as number };
};
