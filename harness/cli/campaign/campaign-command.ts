import { randomInt } from 'node:crypto';
import type { CampaignPlan } from '../../campaign/index.js';
import { IMAGE_BEHAVIOURS, isImageBehaviour } from '../../firmware/index.js';
import { realTime } from '../../time/index.js';
import { parseCount, parseSeed, parseShrink } from '../run/flag-values.js';
import { openRunFolder } from '../run/run-folder.js';
import { UsageError } from '../usage-error.js';
import { describeFleet } from './describe-fleet.js';
import { parseRatioFlag, parseReductionFlags, parseVirtualTime } from './flag-values.js';
import { readPlanFile } from './plan-file.js';
import { readReleaseFiles } from './release-files.js';
import { reportCampaign } from './report-campaign.js';

/** The arguments of `blackstart campaign`, as typed. */
export interface CampaignArguments {
	readonly plan?: string | undefined;
	readonly devices?: string | undefined;
	readonly seed?: string | undefined;
	readonly 'failure-rate'?: string | undefined;
	readonly drift?: string | undefined;
	readonly behaviour?: string | undefined;
	readonly 'kill-after'?: string | undefined;
	readonly 'abort-after'?: string | undefined;
	readonly 'keep-devices'?: string | undefined;
	readonly 'keep-faults'?: string | undefined;
	readonly 'keep-waves'?: string | undefined;
	readonly shrink: boolean;
	readonly 'shrink-seconds'?: string | undefined;
	readonly out?: string | undefined;
	readonly json: boolean;
}

const DEFAULT_CAMPAIGN_DEVICES = 60;
const MOST_DEVICES = 100_000;
const RANDOM_SEEDS = 1_000_000_000;

/** `blackstart campaign`: carries out a plan on a simulated fleet; returns the exit code. */
export const campaignCommand = async (typed: CampaignArguments, { directory }: { readonly directory: string }): Promise<number> => {
	const plan = readPlanFile(typed.plan, { directory });
	if (plan.approver === undefined)
		throw new UsageError(`${typed.plan}:1: approver: the name of the person who approved it was expected, got nothing: without one nothing goes out`);
	const behaviour = typed.behaviour ?? 'healthy';
	if (!isImageBehaviour(behaviour)) throw new UsageError(`--behaviour: one of ${IMAGE_BEHAVIOURS.join(', ')} was expected, got '${behaviour}'`);
	const files = readReleaseFiles(plan, { directory });
	if (files !== undefined && behaviour !== 'healthy') throw new UsageError('--behaviour: it is for the candidate, and the plan names image files');
	const request = {
		seed: typed.seed === undefined ? String(randomInt(RANDOM_SEEDS)) : parseSeed(typed.seed),
		devices: chooseDevices(plan, typed.devices),
		weakRatio: typed['failure-rate'] === undefined ? 0 : parseRatioFlag(typed['failure-rate'], { flag: 'failure-rate' }),
		killAfterMs: typed['kill-after'] === undefined ? undefined : parseVirtualTime(typed['kill-after'], { flag: 'kill-after' }),
		abortAfterMs: typed['abort-after'] === undefined ? undefined : parseVirtualTime(typed['abort-after'], { flag: 'abort-after' }),
		drifted: typed.drift === undefined ? 0 : parseCount(typed.drift, { flag: 'drift', most: MOST_DEVICES }),
		behaviour,
	};
	const reduction = parseReductionFlags(typed, request);
	const shrinkMs = parseShrink({ shrink: typed.shrink, seconds: typed['shrink-seconds'] });
	// Wrong use is told before anything is written.
	describeFleet(plan, { ...request, files });
	const folder = openRunFolder({ directory, ...(typed.out === undefined ? {} : { out: typed.out }), startedAt: new realTime.Date(realTime.epochMs()) });
	return reportCampaign(plan, { request, files, reduction, shrinkMs, folder, planFile: typed.plan ?? '', directory, asJson: typed.json });
};

/** As many as were asked for; by default those that the plan lists, or a fleet small enough to look at. */
const chooseDevices = (plan: CampaignPlan, typed: string | undefined): number => {
	if (typed !== undefined) return parseCount(typed, { flag: 'devices', most: MOST_DEVICES });
	const named = plan.inventory.reduce((sum, { devices }) => sum + (devices?.length ?? 0), 0);
	return plan.inventory.every(({ devices }) => devices !== undefined) ? named : Math.max(named + 1, DEFAULT_CAMPAIGN_DEVICES);
};
