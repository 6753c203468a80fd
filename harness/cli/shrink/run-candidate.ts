import { createJudge } from '../../invariants/index.js';
import {
	findTarget,
	Reducer,
	type Reduction,
	type RunOptions,
	runCase,
	type ScenarioDefinition,
	type ScenarioHost,
	type CaseExtent,
} from '../../scenario/index.js';
import { type Failure, FailureWatch } from '../../shrink/index.js';
import { realTime } from '../../time/index.js';

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

export interface CandidateOptions {
	/** Name of the scenario file. */
	readonly scenario: string;
	readonly seed: string;
	readonly options: RunOptions;
	readonly reduction: Reduction;
}

/** Runs a case with the reduction, in this process and by the same rules as any run, and keeps of it what it failed of. */
export const runCandidate = async (definition: ScenarioDefinition, { scenario, seed, options, reduction }: CandidateOptions): Promise<CandidateResult> => {
	const reducer = new Reducer(reduction);
	const watch = new FailureWatch();
	const found = findTarget(definition.options.needs);
	if ('reason' in found) return { reason: found.reason, extent: reducer.extent, suspects: [] };
	const host: ScenarioHost = {
		scenario,
		seed,
		options: { ...options, reduction },
		caseText: (slug) => slug,
		write: (event) => watch.observe(event),
		flush: () => {},
		openConsole: () => ({ append: () => {}, close: () => undefined }),
		createJudge,
		nowMs: realTime.nowMs,
		isoNow: () => new realTime.Date(realTime.epochMs()).toISOString(),
		every: () => () => {},
		whenIdleForever: (callback) => {
			process.prependListener('beforeExit', callback);
			return () => process.removeListener('beforeExit', callback);
		},
	};
	await runCase(definition, { host, target: found.target, slug: '', reducer });
	const failure = watch.failure();
	const suspects = watch.suspects().map((places) => places.map((place) => reduction.devices?.[place - 1] ?? place));
	return { ...(failure ? { failure } : {}), reason: watch.reason, extent: reducer.extent, suspects };
};
