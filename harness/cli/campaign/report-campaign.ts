import { rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, relative } from 'node:path';
import { openCoverageReporter, openJunitReporter } from '../../../reports/index.js';
import { RunRecorder } from '../../../reports/record/index.js';
import type { CampaignPlan } from '../../campaign/index.js';
import type { BlackstartEvent } from '../../events/index.js';
import { FaultCoverage } from '../../faults/index.js';
import { FaultAccount, Reducer, type Reduction } from '../../scenario/index.js';
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
import { describeAgain } from './describe-again.js';
import { createFileStore } from './file-store.js';
import type { ReleaseFiles } from './release-files.js';
import { renderShrunk, type ShrunkCampaign, shrinkCampaign } from './shrink-campaign.js';
import { type CampaignRequest, runSimulatedCampaign, type SimulatedCampaign } from './simulated-campaign.js';

export interface ReportOptions {
	readonly request: CampaignRequest;
	/** The images of the plan, where it names files. */
	readonly files: ReleaseFiles | undefined;
	/** Which devices, faults and waves take part. */
	readonly reduction: Reduction;
	/** Time to look for a smaller campaign that fails in the same way, 0 for none. */
	readonly shrinkMs: number;
	readonly folder: RunFolder;
	readonly planFile: string;
	readonly directory: string;
	readonly asJson: boolean;
}

const SCENARIO = 'campaign';

/** Carries a plan out with every report of a run, and returns the exit code. An interrupt leaves whole reports of what there was. */
export const reportCampaign = async (plan: CampaignPlan, options: ReportOptions): Promise<number> => {
	const { request, files, reduction, folder, planFile, directory, asJson } = options;
	const people = asJson ? process.stderr : process.stdout;
	const statePath = join(folder.path, 'campaign-state.json');
	for (const path of [statePath, join(folder.path, 'campaign.json')]) rmSync(path, { force: true });
	const interrupt = new AbortController();
	/** Of the search for a smaller one, once all is judged. */
	const search = new AbortController();
	let judged: CampaignVerdict | undefined;
	const stopListening = onInterrupt({
		first: () => (judged === undefined ? interrupt.abort(new Interrupted('interrupted')) : search.abort()),
		second: () => process.exit(judged === undefined ? EXIT_CODES.interrupted : EXIT_CODES[judged.verdict]),
	});
	const run = openRun(plan, { folder, directory, people });
	const dir = relative(directory, folder.path) || '.';
	try {
		const again = describeAgain(request, { planFile, reduction });
		people.write(`campaign ${plan.name} · seed ${request.seed} · ${describeDevices(request, reduction)} simulated devices in virtual time\n`);
		run.begin(request, { again });
		const reducer = new Reducer(reduction);
		const result = await runSimulatedCampaign(plan, {
			...{ ...request, files, reducer },
			store: createFileStore(statePath),
			record: run.tell,
			signal: interrupt.signal,
		});
		judged = judgeCampaign(result, { withoutEvidence: [...run.faults.withoutEvidence(), ...missingDrift(result, request)] });
		run.judge(result, judged);
		people.write(renderOutcome(result, { ...judged, plan, covered: run.covered, dir }));
		const shrunk = isShrinkable(result, judged) && options.shrinkMs > 0 ? await shrink(plan, { options, judged, people, signal: search.signal }) : undefined;
		if (shrunk !== undefined) {
			run.tell(shrunk);
			people.write(renderShrunk(shrunk, again));
		}
		const exitCode = run.end(judged);
		const data = describeResult(plan, { result, request, judged, shrunk, faults: run.faults, decisions: run.decisions, planFile, dir: folder.path });
		writeFileSync(join(folder.path, 'campaign.json'), `${JSON.stringify(data, undefined, '\t')}\n`);
		if (asJson) process.stdout.write(`${JSON.stringify(data)}\n`);
		return exitCode;
	} catch (error) {
		run.breakOff(error);
		if (!(error instanceof Interrupted)) throw error;
		people.write(`\n${plan.name}: interrupted; what there was lies in ${dir}\n`);
		return EXIT_CODES.interrupted;
	} finally {
		stopListening();
		run.close();
	}
};

const describeDevices = ({ devices }: CampaignRequest, reduction: Reduction): string =>
	reduction.devices === undefined ? `${devices}` : `${reduction.devices.length} of ${devices}`;

/** That a person's order ended it needs no smaller case. */
const isShrinkable = ({ outcome, invariants }: SimulatedCampaign, { verdict }: CampaignVerdict): boolean =>
	verdict === 'failed' && (outcome.abortedBy === undefined || invariants.some(({ violations }) => violations.length > 0));

const shrink = (
	plan: CampaignPlan,
	{
		options: { request, planFile, directory, reduction, shrinkMs },
		judged,
		people,
		signal,
	}: { readonly options: ReportOptions; readonly judged: CampaignVerdict; readonly people: NodeJS.WriteStream; readonly signal: AbortSignal },
): Promise<ShrunkCampaign> => {
	people.write(`  looking for less that fails in the same way, for ${shrinkMs / 1_000} s at most (--no-shrink does not)\n`);
	const told = { scenario: SCENARIO, title: plan.name };
	return shrinkCampaign({ request, planFile, directory, reduction, told, reason: judged.reason ?? '', budgetMs: shrinkMs, signal });
};

/** What was to have drifted and was not found. */
const missingDrift = ({ outcome: { drift } }: SimulatedCampaign, { drifted }: CampaignRequest): readonly string[] => {
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
		begin: (request: CampaignRequest, { again }: { readonly again: string }): void => {
			tell(describeStart(request, folder));
			tell({ kind: 'scenario-registered', scenario: SCENARIO, titles: [plan.name] });
			const options = describeOptions(request);
			tell({ kind: 'scenario-started', scenario: SCENARIO, title: plan.name, target: 'simulated-fleet', seed: request.seed, options });
			tell({ kind: 'run-case', scenario: SCENARIO, title: plan.name, case: again });
		},
		judge: ({ invariants, virtualMs }: SimulatedCampaign, judged: CampaignVerdict): void => {
			for (const { invariant, checks, violations } of invariants) tell({ kind: 'invariant-judged', invariant, checks, violations });
			endScenario(judged, virtualMs);
			screen.close();
		},
		end: ({ verdict }: CampaignVerdict): number => {
			endRun(verdict, EXIT_CODES[verdict]);
			return EXIT_CODES[verdict];
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

const describeOptions = ({ devices, behaviour, weakRatio, drifted }: CampaignRequest): Readonly<Record<string, unknown>> => ({
	devices,
	behaviour,
	failureRatio: weakRatio,
	drifted,
});

const describeStart = (request: CampaignRequest, { id }: RunFolder): BlackstartEvent => ({
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
		shrunk,
		faults,
		decisions,
		planFile,
		dir,
	}: {
		readonly result: SimulatedCampaign;
		readonly request: CampaignRequest;
		readonly judged: CampaignVerdict;
		readonly shrunk: ShrunkCampaign | undefined;
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
	...(shrunk === undefined ? {} : { shrunk: describeSmaller(shrunk) }),
	plan,
	decisions: decisions.map(({ at, who, what, device, digest, why }) => ({ at, who, what, device, digest, why })),
	dir,
});

const describeSmaller = ({ kind: _, scenario: _scenario, title: _title, ...shrunk }: ShrunkCampaign): Omit<ShrunkCampaign, 'kind' | 'scenario' | 'title'> =>
	shrunk;
