import type { BlackstartEvent } from '../../events/index.js';
import { encodeCase } from '../../scenario/index.js';
import { generalise } from '../../shrink/index.js';
import { realTime } from '../../time/index.js';
import type { CasesPlan } from '../worker/plan.js';
import { shrinkFailure } from './shrink-failure.js';

/** A case that failed. */
export interface FailedCase {
	readonly scenario: string;
	/** How cases name the scenario file. */
	readonly reference: string;
	/** Absolute URL of the scenario file. */
	readonly url: string;
	readonly title: string;
	readonly slug: string;
	/** What its verdict says. */
	readonly reason: string;
}

export interface ShrinkFailuresOptions {
	readonly plan: CasesPlan;
	/** Candidates at a time. */
	readonly jobs: number;
	/** For all of them. */
	readonly budgetMs: number;
	readonly signal: AbortSignal;
	/** `run-shrinking` while one is looked for, `run-shrunk` when its search has ended. */
	readonly tell: (event: BlackstartEvent) => void;
}

/** Many failures of a run are few bugs: one case of each is shrunk, and no more than these. */
const MOST_CASES = 3;

/** Shrinks the first case of each failure, one after the other; each has its share of the time that is left. */
export const shrinkFailures = async (failed: readonly FailedCase[], { plan, jobs, budgetMs, signal, tell }: ShrinkFailuresOptions): Promise<void> => {
	const chosen = chooseCases(failed);
	const endMs = realTime.nowMs() + budgetMs;
	for (const [index, { scenario, reference, url, title, slug, reason }] of chosen.entries()) {
		if (signal.aborted) return;
		const { reduction, ...result } = await shrinkFailure({
			task: { plan, scenario, url, title, reduction: plan.reduction ?? {} },
			reason,
			directory: plan.directory,
			jobs,
			budgetMs: Math.max(0, endMs - realTime.nowMs()) / (chosen.length - index),
			signal,
			onProgress: (progress) => tell({ kind: 'run-shrinking', scenario, title, ...progress }),
		});
		const { seed, devices, caseFiles } = plan;
		const smaller = reduction && { case: encodeCase({ file: reference, slug, seed, devices, ...caseFiles, reduction }) };
		tell({ kind: 'run-shrunk', scenario, title, ...smaller, ...result });
	}
};

const chooseCases = (failed: readonly FailedCase[]): readonly FailedCase[] => {
	const known = new Set<string>();
	const isNew = ({ reason }: FailedCase): boolean => {
		const sentence = generalise(reason, new Set());
		return !known.has(sentence) && known.add(sentence) !== undefined;
	};
	return failed.filter(isNew).slice(0, MOST_CASES);
};
