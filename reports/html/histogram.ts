import type { Histogram } from './run-data.js';

const STEPS = 40;

/** Undefined where there is nothing to count. */
export const createHistogram = (values: readonly number[], { name, unit }: Pick<Histogram, 'name' | 'unit'>): Histogram | undefined => {
	if (values.length === 0) return undefined;
	const sorted = Float64Array.from(values).sort();
	const from = sorted[0] as number;
	const highest = sorted.at(-1) as number;
	const quantile = (ratio: number): number => sorted[Math.min(sorted.length - 1, Math.floor(ratio * sorted.length))] as number;
	// Whole numbers have a step each where there are few of them.
	const steps = unit === 'times' ? Math.min(STEPS, highest - from + 1) : highest === from ? 1 : STEPS;
	const to = unit === 'times' ? highest + 1 : highest;
	const counts = new Array<number>(steps).fill(0);
	for (const value of sorted) {
		const step = to === from ? 0 : Math.min(steps - 1, Math.floor(((value - from) / (to - from)) * steps));
		counts[step] = (counts[step] as number) + 1;
	}
	return { name, unit, from, to, counts, median: quantile(0.5), p95: quantile(0.95), highest };
};
