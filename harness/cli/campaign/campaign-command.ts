import { randomInt } from 'node:crypto';
import { hostname } from 'node:os';
import { rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { openJunitReporter } from '../../../reports/index.js';
import { RunRecorder } from '../../../reports/record/index.js';
import type { CampaignPlan } from '../../campaign/index.js';
import type { BlackstartEvent, Verdict } from '../../events/index.js';
import { IMAGE_BEHAVIOURS, isImageBehaviour } from '../../firmware/index.js';
import { realTime } from '../../time/index.js';
import { readPackageVersion } from '../package-root.js';
import { AuditFile } from '../run/audit-file.js';
import { writePage } from '../run/write-page.js';
import { parseCount, parseSeed } from '../run/flag-values.js';
import { openRunFolder, pointLatest, type RunFolder } from '../run/run-folder.js';
import { UsageError } from '../usage-error.js';
import { EventFile } from '../worker/event-file.js';
import { openCampaignScreen } from './campaign-screen.js';
import { createFileStore } from './file-store.js';
import { formatTime, parseRatioFlag, parseVirtualTime } from './flag-values.js';
import { readPlanFile } from './plan-file.js';
import { readReleaseFiles } from './release-files.js';
import { runSimulatedCampaign, type SimulatedCampaign, type SimulatedCampaignOptions } from './simulated-campaign.js';
import { type Decision, describeDecision, renderOutcome } from './campaign-text.js';

/** The arguments of `blackstart campaign`, as typed. */
export interface CampaignArguments {
	readonly plan?: string | undefined;
	readonly devices?: string | undefined;
	readonly seed?: string | undefined;
	readonly 'failure-rate'?: string | undefined;
	readonly behaviour?: string | undefined;
	readonly 'kill-after'?: string | undefined;
	readonly 'abort-after'?: string | undefined;
	readonly out?: string | undefined;
	readonly json: boolean;
}

const DEFAULT_CAMPAIGN_DEVICES = 60;
const MOST_DEVICES = 100_000;
const RANDOM_SEEDS = 1_000_000_000;
const EXIT_CODES: Readonly<Partial<Record<Verdict, number>>> = { passed: 0, failed: 1, inconclusive: 4 };

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
		behaviour,
		files,
	};
	const folder = openRunFolder({ directory, ...(typed.out === undefined ? {} : { out: typed.out }), startedAt: new realTime.Date(realTime.epochMs()) });
	return reportCampaign(plan, { request, folder, planFile: typed.plan ?? '', directory, asJson: typed.json });
};

/** As many as were asked for; by default those that the plan lists, or a fleet small enough to look at. */
const chooseDevices = (plan: CampaignPlan, typed: string | undefined): number => {
	if (typed !== undefined) return parseCount(typed, { flag: 'devices', most: MOST_DEVICES });
	const named = plan.inventory.reduce((sum, { devices }) => sum + (devices?.length ?? 0), 0);
	return plan.inventory.every(({ devices }) => devices !== undefined) ? named : Math.max(named + 1, DEFAULT_CAMPAIGN_DEVICES);
};

interface ReportOptions {
	readonly request: Omit<SimulatedCampaignOptions, 'record' | 'store'>;
	readonly folder: RunFolder;
	readonly planFile: string;
	readonly directory: string;
	readonly asJson: boolean;
}

const SCENARIO = 'campaign';

const reportCampaign = async (plan: CampaignPlan, { request, folder, planFile, directory, asJson }: ReportOptions): Promise<number> => {
	const people = asJson ? process.stderr : process.stdout;
	const startedMs = realTime.nowMs();
	const statePath = join(folder.path, 'campaign-state.json');
	for (const path of [statePath, join(folder.path, 'campaign.json')]) rmSync(path, { force: true });
	const log = new EventFile(join(folder.path, 'events.jsonl'));
	const junit = openJunitReporter({ path: join(folder.path, 'junit.xml'), hostname: hostname(), projectDir: directory });
	const recorder = new RunRecorder();
	const screen = openCampaignScreen(people, recorder);
	const decisions: Decision[] = [];
	let quiet = 0;
	const tell = (event: BlackstartEvent): void => {
		log.write(event);
		junit.observe(event, SCENARIO);
		recorder.observe(event, SCENARIO);
		screen.draw(event);
		if (event.kind !== 'campaign-decision') return;
		decisions.push(event);
		const line = describeDecision(event, { named: quiet });
		if (event.device !== undefined && line !== undefined) quiet++;
		if (line !== undefined) screen.say(line);
	};
	try {
		people.write(`campaign ${plan.name} · seed ${request.seed} · ${request.devices} simulated devices in virtual time\n`);
		tell(describeStart(request, folder));
		tell({ kind: 'scenario-registered', scenario: SCENARIO, titles: [plan.name] });
		const options = { devices: request.devices, behaviour: request.behaviour, failureRatio: request.weakRatio };
		const again = describeAgain(request, planFile);
		tell({ kind: 'scenario-started', scenario: SCENARIO, title: plan.name, target: 'simulated-fleet', seed: request.seed, options });
		tell({ kind: 'run-case', scenario: SCENARIO, title: plan.name, case: again });
		const result = await runSimulatedCampaign(plan, { ...request, store: createFileStore(statePath), record: tell });
		const { verdict, reason } = judge(result);
		for (const { invariant, checks, violations } of result.invariants) tell({ kind: 'invariant-judged', invariant, checks, violations });
		tell({
			kind: 'scenario-ended',
			scenario: SCENARIO,
			title: plan.name,
			verdict,
			...(reason === undefined ? {} : { reason }),
			faults: [],
			virtualMs: result.virtualMs,
		});
		const exitCode = EXIT_CODES[verdict] ?? 3;
		tell({ kind: 'run-ended', verdict, wallMs: Math.round(realTime.nowMs() - startedMs), exitCode });
		log.flush();
		new AuditFile(join(folder.path, 'audit.jsonl')).appendScenario(join(folder.path, 'events.jsonl'));
		writePage(folder.path);
		const data = describeResult(plan, { result, request, verdict, reason, decisions, planFile, dir: folder.path });
		writeFileSync(join(folder.path, 'campaign.json'), `${JSON.stringify(data, undefined, '\t')}\n`);
		pointLatest(folder);
		screen.close();
		people.write(renderOutcome(result, { verdict, reason, plan, dir: relative(directory, folder.path) || '.' }));
		if (asJson) process.stdout.write(`${JSON.stringify(data)}\n`);
		return exitCode;
	} finally {
		screen.close();
		log.close();
		junit.close();
	}
};

/** The command that carries the same campaign out again, but for a kill, which changes nothing that it comes to. */
const describeAgain = ({ seed, devices, behaviour, weakRatio, abortAfterMs }: ReportOptions['request'], planFile: string): string =>
	[
		`blackstart campaign ${planFile} --seed ${seed} --devices ${devices}`,
		...(behaviour === 'healthy' ? [] : [`--behaviour ${behaviour}`]),
		...(weakRatio === 0 ? [] : [`--failure-rate ${weakRatio}`]),
		...(abortAfterMs === undefined ? [] : [`--abort-after ${formatTime(abortAfterMs)}`]),
	].join(' ');

const describeStart = (request: ReportOptions['request'], { id }: RunFolder): BlackstartEvent => ({
	kind: 'run-started',
	id,
	startedAt: new realTime.Date(realTime.epochMs()).toISOString(),
	seed: request.seed,
	options: { devices: request.devices, behaviour: request.behaviour, failureRatio: request.weakRatio },
	versions: { blackstart: readPackageVersion(), node: process.version },
	scenarios: [SCENARIO],
});

/** A release that its gates stop has failed; one that nobody was sent shows nothing. */
const judge = ({ outcome, invariants }: SimulatedCampaign): { readonly verdict: Verdict; readonly reason: string | undefined } => {
	const broken = invariants.filter(({ violations }) => violations.length > 0);
	if (broken.length > 0)
		return {
			verdict: 'failed',
			reason: broken.map(({ invariant, violations }) => `${invariant}: ${violations[0]?.device ?? ''} ${violations[0]?.message}`).join('; '),
		};
	if (outcome.outcome === 'completed') return { verdict: 'passed', reason: undefined };
	return { verdict: outcome.outcome === 'refused' ? 'inconclusive' : 'failed', reason: `${outcome.outcome}: ${outcome.reason ?? ''}` };
};

const describeResult = (
	plan: CampaignPlan,
	{
		result,
		request,
		verdict,
		reason,
		decisions,
		planFile,
		dir,
	}: {
		readonly result: SimulatedCampaign;
		readonly request: ReportOptions['request'];
		readonly verdict: Verdict;
		readonly reason: string | undefined;
		readonly decisions: readonly Decision[];
		readonly planFile: string;
		readonly dir: string;
	},
) => ({
	file: planFile,
	seed: request.seed,
	devices: request.devices,
	verdict,
	...(reason === undefined ? {} : { reason }),
	...result.outcome,
	virtualMs: result.virtualMs,
	invariants: result.invariants.map(({ invariant, checks, violations }) => ({ invariant, checks, violations: violations.length })),
	plan,
	decisions: decisions.map(({ at, who, what, device, digest, why }) => ({ at, who, what, device, digest, why })),
	dir,
});
