/** The door scenario authors import from: `import { scenario } from 'blackstart'`. */
export { BOOTLOADER_NAMES, type BootloaderName } from './bootloader/index.js';
export type * from './events/index.js';
export { encodeEvent, parseEvent, parseEventLog } from './events/index.js';
export {
	CampaignKilledError,
	type CampaignOutcome,
	type CampaignPlan,
	type CampaignStore,
	createMemoryStore,
	PlanError,
	parsePlan,
	type RolloutPlan,
	type RolloutResult,
} from './campaign/index.js';
export { IMAGE_DEFECTS, type ImageBehaviour, type ImageDefect, type Release, type ReleaseImage } from './firmware/index.js';
export * from './faults/index.js';
export * from './ports/index.js';
export {
	CAPABILITIES,
	type Capability,
	InconclusiveError,
	type OpenBoard,
	type OpenFleet,
	ProductFailure,
	provideTarget,
	type RunOptions,
	type ScenarioContext,
	type ScenarioOptions,
	scenario,
	type Target,
	type TargetContext,
	type UserImage,
} from './scenario/index.js';
export { boundFailureRate, cutUpdate, type CutMade, planCuts, profileUpdate, type SweepProfile, type UpdatePlace } from './sweep/index.js';
export { type Clock, createRandom, type Random, RealClock, VirtualTimeError } from './time/index.js';
