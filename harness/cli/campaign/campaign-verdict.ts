import { formatVirtualTime } from '../../../reports/text/index.js';
import type { SimulatedCampaign } from './simulated-campaign.js';

export interface CampaignVerdict {
	readonly verdict: 'passed' | 'failed' | 'errored' | 'inconclusive';
	/** Absent where it passed. */
	readonly reason?: string;
}

/**
 * A release that its gates stop has failed; one that nobody was sent shows nothing, nor does one that went out while something
 * that was asked for (a kill, an abort, a bad release, weak hardware) never took effect.
 */
export const judgeCampaign = (
	{ outcome, invariants, virtualMs }: SimulatedCampaign,
	{ withoutEvidence }: { readonly withoutEvidence: readonly string[] },
): CampaignVerdict => {
	const broken = invariants.filter(({ violations }) => violations.length > 0);
	if (broken.length > 0)
		return {
			verdict: 'failed',
			reason: broken.map(({ invariant, violations }) => `${invariant}: ${violations[0]?.device ?? ''} ${violations[0]?.message}`).join('; '),
		};
	if (outcome.outcome !== 'completed')
		return { verdict: outcome.outcome === 'refused' ? 'inconclusive' : 'failed', reason: `${outcome.outcome}: ${outcome.reason ?? ''}` };
	if (withoutEvidence.length === 0) return { verdict: 'passed' };
	return {
		verdict: 'inconclusive',
		reason: `it completed, and what was asked for left no evidence: ${withoutEvidence.join('; ')}; all was over after ${formatVirtualTime(virtualMs)}`,
	};
};
