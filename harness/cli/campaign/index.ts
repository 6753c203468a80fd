export { type CampaignArguments, campaignCommand } from './campaign-command.js';
export { createFileStore } from './file-store.js';
export { readPlanFile } from './plan-file.js';
export { type RehearseArguments, rehearseCommand } from './rehearse-command.js';
