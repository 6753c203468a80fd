import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Reporter } from '../../../reports/index.js';
import type { BlackstartEvent } from '../../events/index.js';
import { encodeReduction } from '../../scenario/index.js';
import { realTime } from '../../time/index.js';
import { readPackageVersion } from '../package-root.js';
import { AuditFile } from './audit-file.js';
import { CaseFiles } from './case-files.js';
import { EventLog } from './event-log.js';
import { onInterrupt } from './interrupt.js';
import { decideRun, EXIT_CODES, type RunVerdict } from './outcome.js';
import { pointLatest, type RunFolder } from './run-folder.js';
import { planCases, runPass } from './run-pass.js';
import type { RunRequest } from './run-request.js';
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
 * audit trail: whole scenarios in the order they were asked for, whatever the number of jobs.
 */
export const runScenarios = async (
	request: RunRequest,
	{ folder, reporters }: { readonly folder: RunFolder; readonly reporters: readonly Reporter[] },
): Promise<RunOutcome> => {
	const startedMs = realTime.nowMs();
	mkdirSync(join(folder.path, 'partial'), { recursive: true });
	const log = new EventLog(join(folder.path, 'events.jsonl'));
	const trail = new AuditFile(join(folder.path, 'audit.jsonl'));
	const caseFiles = new CaseFiles(folder.path);
	const tell = (event: BlackstartEvent, scenario?: string): void => {
		caseFiles.observe(event);
		for (const reporter of reporters) reporter.observe(event, scenario);
	};
	const say = (event: BlackstartEvent): void => {
		log.write(event);
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
		say(describeStart(request, folder));
		pointLatest(folder);
		for (const ledger of ledgers) tell({ kind: 'scenario-registered', scenario: ledger.scenario.name, titles: ledger.titles }, ledger.scenario.name);
		const merge = createMerge(ledgers, { log, trail });
		for (let first = true; !run.interrupted && ledgers.some(({ remaining }) => remaining.length > 0); first = false) {
			const warnings = await runPass(request, { folder: folder.path, ledgers, run, first, tell, onProcessClosed: merge });
			for (const message of warnings) say({ kind: 'run-warning', message });
			if (warnings.length > 0) run.disagreed = true;
		}
		const brokenTrail = trail.check();
		if (brokenTrail !== undefined) {
			say({ kind: 'run-warning', message: brokenTrail });
			run.disagreed = true;
		}
		const verdict = decideRun(
			ledgers.flatMap(({ verdicts }) => verdicts),
			run,
		);
		const exitCode = EXIT_CODES[verdict];
		judged = verdict;
		const shrunk = await shrinkFailed(request, { ledgers, signal: shrinking.signal, say, tell });
		say({ kind: 'run-ended', verdict, wallMs: Math.round(realTime.nowMs() - startedMs), exitCode });
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

/** Looks for smaller cases that fail like those that failed; returns what came of it. */
const shrinkFailed = async (
	request: RunRequest,
	{ ledgers, signal, say, tell }: { readonly ledgers: readonly ScenarioLedger[]; readonly signal: AbortSignal; readonly say: Tell; readonly tell: Tell },
): Promise<readonly ShrunkCase[]> => {
	const failed = ledgers.flatMap(({ scenario: { name, reference, url }, failed }) => failed.map((one) => ({ scenario: name, reference, url, ...one })));
	if (failed.length === 0 || request.shrinkMs === 0) return [];
	const { shrinkFailures } = await import('../shrink/index.js');
	const shrunk: ShrunkCase[] = [];
	await shrinkFailures(failed, {
		plan: planCases(request),
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
		...(request.reduction ? { reduction: encodeReduction(request.reduction).join(':') } : {}),
	},
	versions: { blackstart: readPackageVersion(), node: process.version },
	scenarios: request.scenarios.map(({ name }) => name),
});

/** Appends the logs of scenarios whose every case has its verdict, each once, and none before those that come before it. */
const createMerge = (ledgers: readonly ScenarioLedger[], { log, trail }: { readonly log: EventLog; readonly trail: AuditFile }): (() => void) => {
	let merged = 0;
	return () => {
		for (let ledger = ledgers[merged]; ledger?.closed && ledger.remaining.length === 0; ledger = ledgers[merged]) {
			log.appendScenario(ledger.path);
			trail.appendScenario(ledger.path);
			merged++;
		}
	};
};
