export { type CampaignArguments, campaignCommand } from './campaign-command.js';
export { runCampaignCandidate } from './campaign-candidate.js';
export { createFileStore } from './file-store.js';
export { readPlanFile } from './plan-file.js';
export type { CampaignRequest } from './simulated-campaign.js';
export { type RehearseArguments, rehearseCommand } from './rehearse-command.js';
