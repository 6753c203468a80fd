import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { HtmlReport, Reporter } from '../../../reports/index.js';
import type { BlackstartEvent, Verdict } from '../../events/index.js';
import { encodeReduction } from '../../scenario/case-text.js';
import { describeRung } from '../../scenario/rung.js';
import { realTime } from '../../time/index.js';
import { readPackageVersion } from '../package-root.js';
import type { CasesPlan } from '../worker/plan.js';
import type { AuditFile } from './audit-file.js';
import { CaseFiles } from './case-files.js';
import { EventLog } from './event-log.js';
import { onInterrupt } from './interrupt.js';
import { decideRun, EXIT_CODES, type RunVerdict } from './outcome.js';
import { pointLatest, type RunFolder } from './run-folder.js';
import type { RunRequest } from './run-request.js';
import { feedLog } from './feed-log.js';
import { ScenarioLedger } from './scenario-ledger.js';

export interface RunOutcome {
	readonly verdict: RunVerdict;
	readonly exitCode: number;
	/** Verdicts of all cases that came to one, in catalogue order. */
	readonly cases: readonly { readonly scenario: string; readonly verdicts: readonly string[] }[];
	/** Cases that were shrunk, or for which that was tried. */
	readonly shrunk: readonly ShrunkCase[];
}

export type ShrunkCase = Extract<BlackstartEvent, { readonly kind: 'run-shrunk' }>;

/**
 * Runs the scenarios into the folder, telling `reporters` what happens while it does, and writes `events.jsonl` and the
 * audit trail: whole scenarios in the order they were asked for, whatever the number of jobs. The first line, and what
 * reporters make of the cases that are to come, are written at once: whatever takes its time to load is loaded after them.
 */
export const runScenarios = async (
	request: RunRequest,
	{ folder, reporters }: { readonly folder: RunFolder; readonly reporters: readonly Reporter[] },
): Promise<RunOutcome> => {
	const startedMs = realTime.nowMs();
	mkdirSync(join(folder.path, 'partial'), { recursive: true });
	const log = new EventLog(join(folder.path, 'events.jsonl'));
	const caseFiles = new CaseFiles(folder.path);
	let page: Page | undefined;
	const tell = (event: BlackstartEvent, scenario?: string): void => {
		caseFiles.observe(event);
		for (const reporter of reporters) reporter.observe(event, scenario);
	};
	const say = (event: BlackstartEvent): void => {
		log.write(event);
		page?.report.observe(event);
		tell(event);
	};
	const ledgers = request.scenarios.map((scenario) => new ScenarioLedger(scenario, { folder: folder.path, retries: request.retries }));
	const run = { interrupted: false, disagreed: false, killHard: () => {} };
	/** Set when every case has its verdict: what is interrupted from then on is the search for smaller cases. */
	let judged: RunVerdict | undefined;
	const shrinking = new AbortController();
	const stopListening = onInterrupt({
		first: () => {
			if (judged === undefined) run.interrupted = true;
			else shrinking.abort();
		},
		second: () => {
			run.killHard();
			process.exit(EXIT_CODES[judged ?? 'interrupted']);
		},
	});
	try {
		const started = describeStart(request, folder);
		say(started);
		pointLatest(folder);
		const registered = ledgers.map(({ scenario: { name }, titles }) => ({ kind: 'scenario-registered', scenario: name, titles }) as const);
		for (const event of registered) tell(event, event.scenario);
		const [{ HtmlReport }, { AuditFile }, { planCases, runPass }] = await Promise.all([
			import('../../../reports/index.js'),
			import('./audit-file.js'),
			import('./run-pass.js'),
		]);
		const trail = new AuditFile(join(folder.path, 'audit.jsonl'));
		page = { report: new HtmlReport(), path: join(folder.path, 'report.html') };
		page.report.observe(started);
		for (const event of registered) page.report.observe(event, event.scenario);
		for (const one of request.quarantine ?? []) say({ kind: 'run-quarantined', ...one });
		page.report.write(page.path);
		const merge = createMerge(ledgers, { log, trail, page });
		for (let first = true; !run.interrupted && ledgers.some(({ remaining }) => remaining.length > 0); first = false) {
			const warnings = await runPass(request, { folder: folder.path, ledgers, run, first, tell, onProcessClosed: merge });
			for (const message of warnings) say({ kind: 'run-warning', message });
			if (warnings.length > 0) run.disagreed = true;
		}
		for (const ledger of ledgers.slice(merge.merged)) if (ledger.begun) feedLog(ledger.path, page.report);
		const brokenTrail = trail.check();
		if (brokenTrail !== undefined) {
			say({ kind: 'run-warning', message: brokenTrail });
			run.disagreed = true;
		}
		const verdict = decideRun(
			ledgers.flatMap((ledger) => countedVerdicts(ledger, request.quarantine)),
			run,
		);
		const exitCode = EXIT_CODES[verdict];
		judged = verdict;
		const shrunk = await shrinkFailed(request, { ledgers, plan: planCases(request), signal: shrinking.signal, say, tell });
		say({ kind: 'run-ended', verdict, wallMs: Math.round(realTime.nowMs() - startedMs), exitCode });
		page.report.write(page.path);
		if (verdict === 'errored') cpSync(join(folder.path, 'partial', 'ava.log'), join(folder.path, 'consoles', 'ava.log'), { recursive: true });
		if (!run.interrupted) rmSync(join(folder.path, 'partial'), { recursive: true, force: true });
		return { verdict, exitCode, cases: ledgers.map(({ scenario, verdicts }) => ({ scenario: scenario.name, verdicts })), shrunk };
	} finally {
		stopListening();
		log.close();
		for (const ledger of ledgers) ledger.dispose();
		for (const reporter of reporters) reporter.close();
	}
};

/** A case in quarantine that did not pass counts as skipped. */
const countedVerdicts = ({ scenario: { name }, judged }: ScenarioLedger, quarantine: RunRequest['quarantine'] = []): readonly Verdict[] =>
	judged.map(([title, verdict]) => (verdict !== 'passed' && quarantine.some((one) => one.scenario === name && one.title === title) ? 'skipped' : verdict));

/** Looks for smaller cases that fail like those that failed; returns what came of it. */
const shrinkFailed = async (request: RunRequest, { ledgers, plan, signal, say, tell }: ShrinkOptions): Promise<readonly ShrunkCase[]> => {
	const isKnown = (name: string, title: string): boolean => request.quarantine?.some((one) => one.scenario === name && one.title === title) ?? false;
	const failed = ledgers.flatMap(({ scenario: { name, reference, url }, failed }) =>
		failed.filter(({ title }) => !isKnown(name, title)).map((one) => ({ scenario: name, reference, url, ...one })),
	);
	// What does not come again the same way cannot be made smaller.
	if (failed.length === 0 || request.shrinkMs === 0 || request.rung) return [];
	const { shrinkFailures } = await import('../shrink/index.js');
	const shrunk: ShrunkCase[] = [];
	await shrinkFailures(failed, {
		plan,
		jobs: request.jobs,
		budgetMs: request.shrinkMs,
		signal,
		tell: (event) => {
			if (event.kind === 'run-shrunk') shrunk.push(event);
			// How far it has come is of use while it goes on, and of none after it.
			if (event.kind === 'run-shrinking') tell(event);
			else say(event);
		},
	});
	return shrunk;
};

type Tell = (event: BlackstartEvent) => void;

interface ShrinkOptions {
	readonly ledgers: readonly ScenarioLedger[];
	readonly plan: CasesPlan;
	readonly signal: AbortSignal;
	readonly say: Tell;
	readonly tell: Tell;
}

const describeStart = (request: RunRequest, { id }: RunFolder): BlackstartEvent => ({
	kind: 'run-started',
	id,
	startedAt: new realTime.Date(realTime.epochMs()).toISOString(),
	seed: request.seed,
	options: {
		devices: request.devices,
		jobs: request.jobs,
		...(request.image ? { image: request.image.path, imageDigest: request.image.digest } : {}),
		...(request.from ? { from: request.from.path, fromDigest: request.from.digest } : {}),
		...(request.key === undefined ? {} : { key: request.key }),
		...(request.rig ? { rig: request.rig.path, boards: request.rig.boards, rigHash: request.rig.digest } : {}),
		...(request.rung ? describeRung(request.rung) : {}),
		...(request.reduction ? { reduction: encodeReduction(request.reduction).join(':') } : {}),
	},
	versions: { blackstart: readPackageVersion(), node: process.version },
	scenarios: request.scenarios.map(({ name }) => name),
});

interface Merge {
	/** To be called whenever the books of some scenarios are closed. */
	(): void;
	/** Scenarios whose logs were taken so far, from the first one. */
	merged: number;
}

interface MergeTargets {
	readonly log: EventLog;
	readonly trail: AuditFile;
	readonly page: Page;
}

/** The run's page, and where it lies. */
interface Page {
	readonly report: HtmlReport;
	readonly path: string;
}

/** Appends the logs of scenarios whose every case has its verdict, each once, and none before those that come before it. */
const createMerge = (ledgers: readonly ScenarioLedger[], { log, trail, page }: MergeTargets): Merge => {
	const merge: Merge = Object.assign(
		() => {
			const before = merge.merged;
			for (let ledger = ledgers[merge.merged]; ledger?.closed && ledger.remaining.length === 0; ledger = ledgers[merge.merged]) {
				log.appendScenario(ledger.path);
				trail.appendScenario(ledger.path);
				feedLog(ledger.path, page.report);
				merge.merged++;
			}
			if (merge.merged > before && merge.merged < ledgers.length) page.report.write(page.path);
		},
		{ merged: 0 },
	);
	return merge;
};
