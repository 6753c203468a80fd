import { rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, relative } from 'node:path';
import { openCoverageReporter, openJunitReporter } from '../../../reports/index.js';
import { RunRecorder } from '../../../reports/record/index.js';
import type { CampaignPlan } from '../../campaign/index.js';
import type { BlackstartEvent } from '../../events/index.js';
import { FaultCoverage } from '../../faults/index.js';
import { FaultAccount } from '../../scenario/index.js';
import { realTime } from '../../time/index.js';
import { readPackageVersion } from '../package-root.js';
import { AuditFile } from '../run/audit-file.js';
import { onInterrupt } from '../run/interrupt.js';
import { EXIT_CODES } from '../run/outcome.js';
import { pointLatest, type RunFolder } from '../run/run-folder.js';
import { writePage } from '../run/write-page.js';
import { EventFile } from '../worker/event-file.js';
import { openCampaignScreen } from './campaign-screen.js';
import { type Decision, describeDecision, renderOutcome } from './campaign-text.js';
import { type CampaignVerdict, judgeCampaign } from './campaign-verdict.js';
import { createFileStore } from './file-store.js';
import { formatTime } from './flag-values.js';
import { runSimulatedCampaign, type SimulatedCampaign, type SimulatedCampaignOptions } from './simulated-campaign.js';

export interface ReportOptions {
	readonly request: Omit<SimulatedCampaignOptions, 'record' | 'store' | 'signal'>;
	readonly folder: RunFolder;
	readonly planFile: string;
	readonly directory: string;
	readonly asJson: boolean;
}

const SCENARIO = 'campaign';

/** Carries a plan out with every report of a run, and returns the exit code. An interrupt leaves whole reports of what there was. */
export const reportCampaign = async (plan: CampaignPlan, { request, folder, planFile, directory, asJson }: ReportOptions): Promise<number> => {
	const people = asJson ? process.stderr : process.stdout;
	const statePath = join(folder.path, 'campaign-state.json');
	for (const path of [statePath, join(folder.path, 'campaign.json')]) rmSync(path, { force: true });
	const interrupt = new AbortController();
	const stopListening = onInterrupt({ first: () => interrupt.abort(new Interrupted('interrupted')), second: () => process.exit(EXIT_CODES.interrupted) });
	const run = openRun(plan, { folder, directory, people });
	try {
		people.write(`campaign ${plan.name} · seed ${request.seed} · ${request.devices} simulated devices in virtual time\n`);
		run.begin(request, { again: describeAgain(request, planFile) });
		const result = await runSimulatedCampaign(plan, { ...request, store: createFileStore(statePath), record: run.tell, signal: interrupt.signal });
		const judged = judgeCampaign(result, { withoutEvidence: [...run.faults.withoutEvidence(), ...missingDrift(result, request)] });
		const exitCode = run.end(result, judged);
		const data = describeResult(plan, { result, request, judged, faults: run.faults, decisions: run.decisions, planFile, dir: folder.path });
		writeFileSync(join(folder.path, 'campaign.json'), `${JSON.stringify(data, undefined, '\t')}\n`);
		people.write(renderOutcome(result, { ...judged, plan, covered: run.covered, dir: relative(directory, folder.path) || '.' }));
		if (asJson) process.stdout.write(`${JSON.stringify(data)}\n`);
		return exitCode;
	} catch (error) {
		run.breakOff(error);
		if (!(error instanceof Interrupted)) throw error;
		people.write(`\n${plan.name}: interrupted; what there was lies in ${relative(directory, folder.path) || '.'}\n`);
		return EXIT_CODES.interrupted;
	} finally {
		stopListening();
		run.close();
	}
};

/** What was to have drifted and was not found. */
const missingDrift = ({ outcome: { drift } }: SimulatedCampaign, { drifted }: ReportOptions['request']): readonly string[] => {
	const found = new Set(drift.map(({ device }) => device)).size;
	return found < drifted ? [`drift: ${drifted - found} of ${drifted} devices`] : [];
};

class Interrupted extends Error {
	override readonly name = 'Interrupted';
}

/** The files and the screen of one campaign's run, and what its events add up to. */
const openRun = (
	plan: CampaignPlan,
	{ folder, directory, people }: { readonly folder: RunFolder; readonly directory: string; readonly people: NodeJS.WriteStream },
) => {
	const startedMs = realTime.nowMs();
	const eventsPath = join(folder.path, 'events.jsonl');
	const log = new EventFile(eventsPath);
	const reporters = [
		openJunitReporter({ path: join(folder.path, 'junit.xml'), hostname: hostname(), projectDir: directory }),
		openCoverageReporter({ path: join(folder.path, 'coverage.json') }),
	];
	const recorder = new RunRecorder();
	const screen = openCampaignScreen(people, recorder);
	const faults = new FaultAccount();
	const coverage = new FaultCoverage();
	const decisions: Decision[] = [];
	let covered: readonly string[] = [];
	let quiet = 0;
	const tell = (event: BlackstartEvent): void => {
		log.write(event);
		for (const reporter of reporters) reporter.observe(event, SCENARIO);
		recorder.observe(event, SCENARIO);
		faults.observe(event);
		coverage.observe(event);
		screen.draw(event);
		if (event.kind !== 'campaign-decision') return;
		decisions.push(event);
		const line = describeDecision(event, { named: quiet });
		if (event.device !== undefined && line !== undefined) quiet++;
		if (line !== undefined) screen.say(line);
	};
	const endRun = (verdict: Extract<BlackstartEvent, { kind: 'run-ended' }>['verdict'], exitCode: number): void => {
		tell({ kind: 'run-ended', verdict, wallMs: Math.round(realTime.nowMs() - startedMs), exitCode });
		log.flush();
		new AuditFile(join(folder.path, 'audit.jsonl')).appendScenario(eventsPath);
		writePage(folder.path);
		pointLatest(folder);
		screen.close();
	};
	const endScenario = ({ verdict, reason }: CampaignVerdict, virtualMs: number): void => {
		const rows = coverage.rows();
		covered = rows.map(({ row }) => row);
		tell({ kind: 'fault-coverage', rows });
		tell({
			kind: 'scenario-ended',
			scenario: SCENARIO,
			title: plan.name,
			verdict,
			...(reason === undefined ? {} : { reason }),
			faults: faults.counts(),
			virtualMs,
		});
	};
	return {
		tell,
		faults,
		decisions,
		/** Rows of the fault catalogue that it exercised. */
		get covered(): readonly string[] {
			return covered;
		},
		begin: (request: ReportOptions['request'], { again }: { readonly again: string }): void => {
			tell(describeStart(request, folder));
			tell({ kind: 'scenario-registered', scenario: SCENARIO, titles: [plan.name] });
			const options = describeOptions(request);
			tell({ kind: 'scenario-started', scenario: SCENARIO, title: plan.name, target: 'simulated-fleet', seed: request.seed, options });
			tell({ kind: 'run-case', scenario: SCENARIO, title: plan.name, case: again });
		},
		end: ({ invariants, virtualMs }: SimulatedCampaign, judged: CampaignVerdict): number => {
			for (const { invariant, checks, violations } of invariants) tell({ kind: 'invariant-judged', invariant, checks, violations });
			endScenario(judged, virtualMs);
			const exitCode = EXIT_CODES[judged.verdict];
			endRun(judged.verdict, exitCode);
			return exitCode;
		},
		/** Ends the reports of a campaign that is not carried on. */
		breakOff: (error: unknown): void => {
			const isInterrupt = error instanceof Interrupted;
			endScenario({ verdict: 'errored', reason: isInterrupt ? 'interrupted before its end' : String(error) }, 0);
			endRun(isInterrupt ? 'interrupted' : 'errored', isInterrupt ? EXIT_CODES.interrupted : EXIT_CODES.errored);
		},
		close: (): void => {
			screen.close();
			log.close();
			for (const reporter of reporters) reporter.close();
		},
	};
};

const describeOptions = ({ devices, behaviour, weakRatio, drifted }: ReportOptions['request']): Readonly<Record<string, unknown>> => ({
	devices,
	behaviour,
	failureRatio: weakRatio,
	drifted,
});

/** The command that carries the same campaign out again, but for a kill, which changes nothing that it comes to. */
const describeAgain = ({ seed, devices, behaviour, weakRatio, drifted, abortAfterMs }: ReportOptions['request'], planFile: string): string =>
	[
		`blackstart campaign ${planFile} --seed ${seed} --devices ${devices}`,
		...(behaviour === 'healthy' ? [] : [`--behaviour ${behaviour}`]),
		...(weakRatio === 0 ? [] : [`--failure-rate ${weakRatio}`]),
		...(drifted === 0 ? [] : [`--drift ${drifted}`]),
		...(abortAfterMs === undefined ? [] : [`--abort-after ${formatTime(abortAfterMs)}`]),
	].join(' ');

const describeStart = (request: ReportOptions['request'], { id }: RunFolder): BlackstartEvent => ({
	kind: 'run-started',
	id,
	startedAt: new realTime.Date(realTime.epochMs()).toISOString(),
	seed: request.seed,
	options: describeOptions(request),
	versions: { blackstart: readPackageVersion(), node: process.version },
	scenarios: [SCENARIO],
});

const describeResult = (
	plan: CampaignPlan,
	{
		result,
		request,
		judged,
		faults,
		decisions,
		planFile,
		dir,
	}: {
		readonly result: SimulatedCampaign;
		readonly request: ReportOptions['request'];
		readonly judged: CampaignVerdict;
		readonly faults: FaultAccount;
		readonly decisions: readonly Decision[];
		readonly planFile: string;
		readonly dir: string;
	},
) => ({
	file: planFile,
	seed: request.seed,
	devices: request.devices,
	verdict: judged.verdict,
	...(judged.reason === undefined ? {} : { reason: judged.reason }),
	...result.outcome,
	virtualMs: result.virtualMs,
	invariants: result.invariants.map(({ invariant, checks, violations }) => ({ invariant, checks, violations: violations.length })),
	faults: faults.counts(),
	plan,
	decisions: decisions.map(({ at, who, what, device, digest, why }) => ({ at, who, what, device, digest, why })),
	dir,
});
