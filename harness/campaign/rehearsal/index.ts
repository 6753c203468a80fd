export { DEFAULT_BACKGROUND_RATIO, DEFAULT_FLEET_MODEL, type FleetModel } from './fleet-model.js';
export type { Percentiles } from './percentiles.js';
export { type Rehearsal, type RehearsalOptions, rehearsePlan } from './rehearse-plan.js';
