import { readYaml } from '../../text/yaml/index.js';
import { checkPlan } from './check-plan.js';
import { PlanError } from './plan-error.js';
import { type CampaignPlan, planSchema } from './plan-schema.js';

/** Reads a campaign plan from YAML; throws a PlanError that names every problem by file, line and key. */
export const parsePlan = (text: string, { file }: { readonly file: string }): CampaignPlan =>
	readYaml(text, { schema: planSchema, whole: 'plan', check: checkPlan, fail: (problems) => new PlanError(file, problems) });
