import { createJudge } from '../../invariants/index.js';
import { findTarget, type Reduction, type RunOptions, runCase, type ScenarioDefinition } from '../../scenario/index.js';
import { realTime } from '../../time/index.js';
import { type CandidateResult, collectCandidate } from './collect-candidate.js';

export interface CandidateOptions {
	/** Name of the scenario file. */
	readonly scenario: string;
	readonly seed: string;
	readonly options: RunOptions;
	readonly reduction: Reduction;
}

/** Runs a case with the reduction, in this process and by the same rules as any run, and keeps of it what it failed of. */
export const runCandidate = async (definition: ScenarioDefinition, { scenario, seed, options, reduction }: CandidateOptions): Promise<CandidateResult> => {
	const found = findTarget(definition.options.needs);
	if ('reason' in found) return { reason: found.reason, extent: { devices: 0, faults: [], waves: 0 }, suspects: [] };
	return collectCandidate(reduction, async ({ reducer, write }) => {
		const host = {
			scenario,
			seed,
			options: { ...options, reduction },
			caseText: (slug: string) => slug,
			write,
			flush: () => {},
			openConsole: () => ({ append: () => {}, close: () => undefined }),
			createJudge,
			nowMs: realTime.nowMs,
			isoNow: () => new realTime.Date(realTime.epochMs()).toISOString(),
			every: () => () => {},
			whenIdleForever: (callback: () => void) => {
				process.prependListener('beforeExit', callback);
				return () => process.removeListener('beforeExit', callback);
			},
		};
		await runCase(definition, { host, target: found.target, slug: '', reducer });
	});
};
