import { type CaseRecord, tellPlan, tellProgress, tellWaves } from '../record/index.js';
import { scrubLine, wrapWidth } from '../text/index.js';
import type { Paint } from './paint.js';

/** More than these are counted, not told: the report files have each in full. */
const TOLD_CAMPAIGNS = 3;

/** Plans, waves and ends of a run's campaigns; where there are many, how they ended. */
export const renderCampaigns = (cases: readonly CaseRecord[], { paint, columns }: { readonly paint: Paint; readonly columns: number }): string[] => {
	const campaigns = cases.flatMap((one) => one.campaigns);
	if (campaigns.length === 0) return [];
	if (campaigns.length > TOLD_CAMPAIGNS) {
		const counts = new Map<string, number>();
		for (const { outcome = 'not ended' } of campaigns) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
		const told = [...counts].sort(([one], [other]) => (one < other ? -1 : 1)).map(([outcome, count]) => `${count} ${outcome}`);
		return wrapWidth(`${campaigns.length} campaigns: ${told.join(', ')}`, columns).map(paint.dim);
	}
	return campaigns.flatMap((campaign) => [
		...wrapWidth(scrubLine(`campaign ${campaign.name}: ${tellPlan(campaign)}`), columns).map(paint.dim),
		...tellWaves(campaign).map((line) => `  ${scrubLine(line)}`),
		...wrapWidth(`  ${scrubLine(tellProgress(campaign))}`, columns),
	]);
};
