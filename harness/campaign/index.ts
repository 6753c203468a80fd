export type { CampaignService, CampaignStatus, InventoryEntry } from './campaign-service.js';
export type { LeftOut } from './compatible-devices.js';
export { planWaves } from './plan-waves.js';
export { type CampaignResult, type RolloutOptions, runRollout } from './run-rollout.js';
