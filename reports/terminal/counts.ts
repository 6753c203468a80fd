import { type CaseRecord, describeOutcome, type RunRecord } from '../record/index.js';

/** Cases by verdict. `scenarios` is all cases, the sum of the others; one that has not ended counts as errored. */
export interface RunCounts {
	readonly scenarios: number;
	readonly passed: number;
	readonly failed: number;
	readonly errored: number;
	readonly inconclusive: number;
	readonly skipped: number;
}

export const countVerdicts = (cases: readonly CaseRecord[], run: RunRecord): RunCounts => {
	const counts = { scenarios: cases.length, passed: 0, failed: 0, errored: 0, inconclusive: 0, skipped: 0 };
	for (const one of cases) counts[describeOutcome(one, run).verdict] += 1;
	return counts;
};

/** `38 passed, 2 failed`: what is zero is left out, except that nothing at all is `0 passed`. */
export const formatCounts = (counts: RunCounts): string => {
	const parts = (['passed', 'failed', 'errored', 'inconclusive', 'skipped'] as const)
		.filter((name) => counts[name] > 0)
		.map((name) => `${counts[name]} ${name}`);
	return parts.join(', ') || '0 passed';
};
