import type { BlackstartEvent, CaseSize } from '../../events/index.js';
import type { Reduction } from '../../scenario/index.js';
import { type Attempt, type Candidate, type Failure, isSameFailure, shrinkCase, type Shrunk, sizeOf } from '../../shrink/index.js';
import { realTime } from '../../time/index.js';
import { CandidateCrew } from './candidate-crew.js';
import type { CandidateTask } from './candidate-task.js';
import type { CandidateResult } from './collect-candidate.js';

type ShrunkEvent = Extract<BlackstartEvent, { readonly kind: 'run-shrunk' }>;

/** What was found, without the name of the case and with the reduction in place of its text. */
export type ShrinkResult = Omit<ShrunkEvent, 'kind' | 'scenario' | 'title' | 'case'> & { readonly reduction?: Reduction };

export interface ShrinkFailureOptions {
	/** The case as it failed. */
	readonly task: CandidateTask;
	/** What its verdict said. */
	readonly reason: string;
	readonly directory: string;
	/** Candidates at a time. */
	readonly jobs: number;
	/** Time for the whole search, of the wall; what was found is run once more after it. */
	readonly budgetMs: number;
	/** Ends the search at once: somebody does not want to wait. */
	readonly signal: AbortSignal;
	readonly onProgress: (progress: { readonly from: CaseSize; readonly to: CaseSize; readonly runs: number }) => void;
}

/** A candidate that takes so many times as long as the whole case hangs, but none is given less than `SHORTEST_LIMIT_MS`. */
const TIMES_WHOLE = 5;
const SHORTEST_LIMIT_MS = 5_000;

/**
 * Looks for a smaller case that fails as this one does. The case is run again first, so that nothing is looked for where it does
 * not fail in the same words; what is found is run once more, in a process that ran nothing before, as `replay` will.
 */
export const shrinkFailure = async (options: ShrinkFailureOptions): Promise<ShrinkResult> => {
	const { task, budgetMs, signal } = options;
	const startedMs = realTime.nowMs();
	const outOfTime = new AbortController();
	const timer = realTime.setTimeout(() => outOfTime.abort(), budgetMs);
	await using crew = new CandidateCrew({ directory: options.directory });
	let runs = 0;
	const run = (reduction: Reduction, limit: { readonly withinMs: number; readonly signal: AbortSignal }): Promise<CandidateResult | undefined> => {
		runs++;
		return crew.run({ ...task, reduction }, limit);
	};
	const describe = (rest: Pick<ShrinkResult, 'from' | 'to' | 'end' | 'reason' | 'reduction'>): ShrinkResult => ({
		...rest,
		runs,
		wallMs: Math.round(realTime.nowMs() - startedMs),
	});
	const ended = AbortSignal.any([signal, outOfTime.signal]);
	const endOf = (minimal: boolean): ShrinkResult['end'] => (signal.aborted ? 'interrupted' : minimal ? 'minimal' : 'out-of-time');
	try {
		const whole = await run(task.reduction, { withinMs: budgetMs, signal: ended });
		const wholeMs = realTime.nowMs() - startedMs;
		if (whole?.failure === undefined || whole.reason !== options.reason) {
			const end = ended.aborted ? endOf(false) : 'not-repeated';
			return describe({ from: NOTHING, to: NOTHING, end, ...(end === 'not-repeated' ? { reason: sayOther(whole) } : {}) });
		}
		const { failure } = whole;
		const limit = { withinMs: Math.max(SHORTEST_LIMIT_MS, wholeMs * TIMES_WHOLE), signal: ended };
		const from: Candidate = { reduction: task.reduction, extent: whole.extent };
		const found = await search({
			...options,
			from,
			suspects: whole.suspects,
			signal: ended,
			run: async (reduction) => toAttempt(await run(reduction, limit), { failure }),
			runs: () => runs,
		});
		const sizes = { from: sizeOf(from), to: sizeOf(found.smallest), end: endOf(found.minimal) };
		if (found.smallest === from) return describe(sizes);
		const { reduction } = found.smallest;
		await crew[Symbol.asyncDispose]();
		const again = await run(reduction, { withinMs: limit.withinMs, signal });
		if (signal.aborted) return describe({ ...sizes, end: 'interrupted', reduction });
		if (!isSameFailure(failure, again?.failure)) return describe({ from: sizes.from, to: sizes.from, end: 'not-repeated', reason: sayOther(again) });
		return describe({ ...sizes, reduction, reason: again?.reason ?? '' });
	} finally {
		realTime.clearTimeout(timer);
	}
};

const NOTHING: CaseSize = { devices: 0, faults: 0, waves: 0 };

interface SearchOptions extends Pick<ShrinkFailureOptions, 'jobs' | 'signal' | 'onProgress'> {
	readonly from: Candidate;
	readonly suspects: readonly (readonly number[])[];
	readonly run: (reduction: Reduction) => Promise<Attempt>;
	/** How many there were so far. */
	readonly runs: () => number;
}

const search = ({ from, suspects, run, jobs, signal, onProgress, runs }: SearchOptions): Promise<Shrunk> => {
	let to = sizeOf(from);
	const tell = (): void => onProgress({ from: sizeOf(from), to, runs: runs() });
	tell();
	return shrinkCase({
		from,
		suspects,
		width: jobs,
		signal,
		run: (reduction) => run(reduction).finally(tell),
		onSmaller: (candidate) => {
			to = sizeOf(candidate);
			tell();
		},
	});
};

/** A candidate whose process was lost or that took too long fails of something else. */
const toAttempt = (result: CandidateResult | undefined, { failure }: { readonly failure: Failure }): Attempt =>
	result === undefined
		? { fails: false, extent: { devices: 0, faults: [], waves: 0 } }
		: { fails: isSameFailure(failure, result.failure), extent: result.extent };

const sayOther = (result: CandidateResult | undefined): string =>
	result === undefined ? 'its process was lost' : result.reason === '' ? 'it passed' : `it came to this: ${result.reason}`;
