import type { Verdict } from '../../events/index.js';

/** Exit codes of a run; where several hold, 1 comes before 3 before 4. */
export const EXIT_CODES = { passed: 0, failed: 1, usage: 2, errored: 3, inconclusive: 4, interrupted: 130 } as const;

export type RunVerdict = Exclude<Verdict, 'skipped'> | 'interrupted';

/** What a run came to, from the verdicts of its cases. A run in which nothing passed and nothing went wrong shows nothing. */
export const decideRun = (
	verdicts: readonly Verdict[],
	{ interrupted, disagreed }: { readonly interrupted: boolean; readonly disagreed: boolean },
): RunVerdict => {
	if (interrupted) return 'interrupted';
	if (verdicts.includes('failed')) return 'failed';
	if (verdicts.includes('errored') || disagreed) return 'errored';
	if (verdicts.includes('inconclusive') || !verdicts.includes('passed')) return 'inconclusive';
	return 'passed';
};
