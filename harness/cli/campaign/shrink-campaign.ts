import { availableParallelism } from 'node:os';
import { describeShrunk } from '../../../reports/record/index.js';
import type { BlackstartEvent } from '../../events/index.js';
import type { Reduction } from '../../scenario/index.js';
import { shrinkFailure } from '../shrink/index.js';
import { describeAgain } from './describe-again.js';
import type { CampaignRequest } from './simulated-campaign.js';

export type ShrunkCampaign = Extract<BlackstartEvent, { readonly kind: 'run-shrunk' }>;

export interface ShrinkCampaignOptions {
	readonly request: CampaignRequest;
	readonly planFile: string;
	readonly directory: string;
	readonly reduction: Reduction;
	/** What its verdict said. */
	readonly reason: string;
	/** Scenario and case that its reports tell of. */
	readonly told: Pick<ShrunkCampaign, 'scenario' | 'title'>;
	readonly budgetMs: number;
	/** Ends the search at once: somebody does not want to wait. */
	readonly signal: AbortSignal;
}

/** Looks for the fewest devices, faults and waves with which a campaign still fails in the same way. */
export const shrinkCampaign = async ({ request, planFile, reduction, told, ...options }: ShrinkCampaignOptions): Promise<ShrunkCampaign> => {
	const { reduction: smaller, ...result } = await shrinkFailure({
		...options,
		task: { planFile, request, reduction },
		jobs: availableParallelism(),
		onProgress: () => {},
	});
	return { kind: 'run-shrunk', ...told, ...(smaller && { case: describeAgain(request, { planFile, reduction: smaller }) }), ...result };
};

/** What came of the search, for people. `whole`: the command that carries the campaign out again. */
export const renderShrunk = (shrunk: ShrunkCampaign, whole: string): string =>
	describeShrunk({ shrunk, case: whole })
		.map((line) => `  ${line}\n`)
		.join('');
