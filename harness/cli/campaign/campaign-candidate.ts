import type { ReplacedParts } from '../../../simulators/fleet/index.js';
import { createMemoryStore } from '../../campaign/index.js';
import { FaultAccount } from '../../scenario/index.js';
import { type CampaignCandidate, type CandidateResult, collectCandidate } from '../shrink/index.js';
import { judgeCampaign } from './campaign-verdict.js';
import { readPlanFile } from './plan-file.js';
import { readReleaseFiles } from './release-files.js';
import { runSimulatedCampaign } from './simulated-campaign.js';

/** Carries out what the reduction leaves of a campaign, in this process, and keeps of it what it failed of. */
export const runCampaignCandidate = (
	{ planFile, request, reduction }: CampaignCandidate,
	{ directory, replaced }: { readonly directory: string; readonly replaced?: ReplacedParts },
): Promise<CandidateResult> => {
	const plan = readPlanFile(planFile, { directory });
	const files = readReleaseFiles(plan, { directory });
	return collectCandidate(reduction, async ({ reducer, write }) => {
		const faults = new FaultAccount();
		const result = await runSimulatedCampaign(plan, {
			...request,
			files,
			store: createMemoryStore(),
			reducer,
			...(replaced === undefined ? {} : { replaced }),
			record: (event) => {
				faults.observe(event);
				write(event);
			},
		});
		for (const { invariant, checks, violations } of result.invariants) write({ kind: 'invariant-judged', invariant, checks, violations });
		const judged = judgeCampaign(result, { withoutEvidence: faults.withoutEvidence() });
		write({ kind: 'scenario-ended', scenario: 'campaign', title: plan.name, ...judged, faults: faults.counts(), virtualMs: result.virtualMs });
	});
};
