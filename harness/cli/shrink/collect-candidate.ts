import type { BlackstartEvent } from '../../events/index.js';
import { type CaseExtent, Reducer, type Reduction } from '../../scenario/index.js';
import { type Failure, FailureWatch } from '../../shrink/index.js';

/** What a candidate came to. */
export interface CandidateResult {
	/** Undefined where it did not fail. */
	readonly failure?: Failure;
	/** What the verdict says. */
	readonly reason: string;
	readonly extent: CaseExtent;
	/** Devices that the failure names, by their places in the whole case: lists to try. */
	readonly suspects: readonly (readonly number[])[];
}

/** Has a candidate run, which tells its events to `write`, and keeps of them what it failed of. */
export const collectCandidate = async (
	reduction: Reduction,
	run: (parts: { readonly reducer: Reducer; readonly write: (event: BlackstartEvent) => void }) => Promise<void>,
): Promise<CandidateResult> => {
	const reducer = new Reducer(reduction);
	const watch = new FailureWatch();
	await run({ reducer, write: (event) => watch.observe(event) });
	const failure = watch.failure();
	const suspects = watch.suspects().map((places) => places.map((place) => reduction.devices?.[place - 1] ?? place));
	return { ...(failure ? { failure } : {}), reason: watch.reason, extent: reducer.extent, suspects };
};
