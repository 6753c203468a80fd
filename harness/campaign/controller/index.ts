export type { BackupAnswer, CampaignPlatform } from './campaign-platform.js';
export { type AbortOrder, type CampaignState, type CampaignStore, createMemoryStore, NO_STORE } from './campaign-state.js';
export { CampaignKilledError, type CampaignOptions } from './control.js';
export type { Drift } from './inventory-check.js';
export type { CampaignOutcome, DeviceJob, WaveOutcome } from './outcome.js';
export { runCampaign } from './run-campaign.js';
