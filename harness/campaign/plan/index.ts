export { parsePlan } from './parse-plan.js';
export { PlanError, type PlanProblem } from './plan-error.js';
export {
	type BaselineGroup,
	type CampaignPlan,
	type CompatibilityRule,
	CRITICALITIES,
	type Criticality,
	DAYS,
	type Dependency,
	type HealthGate,
	type MaintenanceWindow,
} from './plan-schema.js';
