export type { CampaignService, CampaignStatus, DeviceHealth, InventoryEntry } from './campaign-service.js';
export type { LeftOut } from './compatible-devices.js';
export {
	type AbortOrder,
	type BackupAnswer,
	CampaignKilledError,
	type CampaignOptions,
	type CampaignOutcome,
	type CampaignPlatform,
	type CampaignState,
	type CampaignStore,
	createMemoryStore,
	type DeviceJob,
	type Drift,
	NO_STORE,
	runCampaign,
	type WaveOutcome,
} from './controller/index.js';
export {
	type BaselineGroup,
	type CampaignPlan,
	type Criticality,
	type HealthGate,
	type MaintenanceWindow,
	PlanError,
	type PlanProblem,
	parsePlan,
} from './plan/index.js';
export { type ReservationRequest, Reservations } from './reservations.js';
export { planWaves } from './plan-waves.js';
export type { RolloutPlan, RolloutResult } from './rollout-plan.js';
export { type CampaignResult, type RolloutOptions, runRollout } from './run-rollout.js';
export {
	DEFAULT_BACKGROUND_RATIO,
	DEFAULT_FLEET_MODEL,
	type FleetModel,
	type Percentiles,
	type Rehearsal,
	type RehearsalOptions,
	rehearsePlan,
} from './rehearsal/index.js';
