import { type CaseRecord, describeOutcome, isFlaky, type RunRecord } from '../record/index.js';

/** Cases by verdict. `scenarios` is all cases, the sum of the verdicts; one that has not ended counts as errored. */
export interface RunCounts {
	readonly scenarios: number;
	readonly passed: number;
	readonly failed: number;
	readonly errored: number;
	readonly inconclusive: number;
	readonly skipped: number;
	/** Of those that passed: they had not when they were run before. */
	readonly flaky: number;
}

export const countVerdicts = (cases: readonly CaseRecord[], run: RunRecord): RunCounts => {
	const counts = { scenarios: cases.length, passed: 0, failed: 0, errored: 0, inconclusive: 0, skipped: 0, flaky: cases.filter(isFlaky).length };
	for (const one of cases) counts[describeOutcome(one, run).verdict] += 1;
	return counts;
};

/** `38 passed, 2 failed`: what is zero is left out, except that nothing at all is `0 passed`. */
export const formatCounts = (counts: RunCounts): string => {
	const parts = (['passed', 'failed', 'errored', 'inconclusive', 'skipped'] as const)
		.filter((name) => counts[name] > 0)
		.map((name) => `${counts[name]} ${name}${name === 'passed' && counts.flaky > 0 ? ` (${counts.flaky} flaky)` : ''}`);
	return parts.join(', ') || '0 passed';
};
