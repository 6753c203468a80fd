import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type CampaignPlan, PlanError, parsePlan } from '../../campaign/index.js';
import { UsageError } from '../usage-error.js';

/** Reads a campaign plan; throws a UsageError that names every problem by file, line and key. */
export const readPlanFile = (typed: string | undefined, { directory }: { readonly directory: string }): CampaignPlan => {
	if (typed === undefined || typed === '') throw new UsageError('plan: a campaign plan (YAML) was expected, got nothing; examples lie in scenarios/plans');
	try {
		return parsePlan(readFileSync(resolve(directory, typed), 'utf8'), { file: typed });
	} catch (cause) {
		if (cause instanceof PlanError) throw new UsageError(cause.message, { cause });
		const { code } = cause as NodeJS.ErrnoException;
		if (code === undefined) throw cause;
		throw new UsageError(`plan: ${typed} cannot be read: ${code === 'ENOENT' ? 'no such file' : code}`, { cause });
	}
};
