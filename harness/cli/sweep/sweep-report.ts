import { join } from 'node:path';
import { createRunSummary, openJunitReporter, openProgress, type Reporter } from '../../../reports/index.js';
import type { BlackstartEvent, Verdict } from '../../events/index.js';
import { type CutRecord, encodeSweepCase, type UpdatePlace } from '../../sweep/index.js';
import { realTime } from '../../time/index.js';
import { readPackageVersion } from '../package-root.js';
import { CaseFiles } from '../run/case-files.js';
import { EventLog } from '../run/event-log.js';
import { writePage } from '../run/write-page.js';
import type { RunFolder } from '../run/run-folder.js';
import type { SweepRequest } from './sweep-request.js';

export interface SweepReportOptions {
	readonly folder: RunFolder;
	readonly stream: NodeJS.WriteStream;
	readonly directory: string;
}

const VERDICTS = { new: 'passed', old: 'passed', broken: 'failed', unseen: 'inconclusive' } as const satisfies Record<CutRecord['outcome'], Verdict>;

/** Events, JUnit and progress of a sweep: each cut is a case, of the scenario that its board stands for. */
export class SweepReport implements Disposable {
	readonly #request: SweepRequest;
	readonly #log: EventLog;
	readonly #cases: CaseFiles;
	readonly #reporters: readonly Reporter[];
	readonly #summary = createRunSummary();
	readonly #startedMs = realTime.nowMs();
	readonly #folder: string;

	constructor(request: SweepRequest, { folder, stream, directory }: SweepReportOptions) {
		this.#request = request;
		this.#folder = folder.path;
		this.#log = new EventLog(join(folder.path, 'events.jsonl'));
		this.#cases = new CaseFiles(folder.path);
		this.#reporters = [
			this.#summary,
			openJunitReporter({ path: join(folder.path, 'junit.xml'), hostname: request.rig.name, projectDir: directory }),
			openProgress({ stream, colour: stream.hasColors?.() ?? false }),
		];
		const { rig, boards, path, cuts, seed } = request;
		this.write({
			kind: 'run-started',
			id: folder.id,
			startedAt: new realTime.Date(realTime.epochMs()).toISOString(),
			seed,
			options: { rig: rig.path, boards: boards.map(({ name }) => name), rigHash: rig.sha256, path, cuts },
			versions: { blackstart: readPackageVersion(), node: process.version },
			scenarios: boards.map(({ name }) => scenarioOf(name)),
		});
	}

	/** Which cuts each board is to make. */
	register(board: string, places: readonly { readonly index: number; readonly place: UpdatePlace }[]): void {
		this.write({ kind: 'scenario-registered', scenario: scenarioOf(board), titles: places.map(({ index, place }) => titleOf(index, place)) }, board);
	}

	/** Tells people what happens now; it comes into the log with its whole cut. */
	show(event: BlackstartEvent, board: string): void {
		for (const reporter of this.#reporters) reporter.observe(event, scenarioOf(board));
	}

	beginCut(board: string, { index, place }: { readonly index: number; readonly place: UpdatePlace }): readonly BlackstartEvent[] {
		const { rig, path, seed, cuts } = this.#request;
		const named = { scenario: scenarioOf(board), title: titleOf(index, place) };
		const text = encodeSweepCase({ board, rig: { path: rig.path, digest: rig.sha256 }, path, place, seed });
		return [
			{ kind: 'scenario-started', ...named, target: `${rig.name}/${board}`, seed, options: { path, cuts, rigHash: rig.sha256 } },
			{ kind: 'run-case', ...named, case: text },
		];
	}

	/** How a cut ended, in its last events. */
	endCut(
		board: string,
		{ record, startedAt, atMs }: { readonly record: CutRecord; readonly startedAt: string; readonly atMs: number },
	): readonly BlackstartEvent[] {
		const { index, planned, commanded, observed, outcome, findings, wallMs } = record;
		const named = { scenario: scenarioOf(board), title: titleOf(index, planned) };
		const [first] = findings;
		const reason = first
			? `invariant ${first.invariant} was broken: ${first.message}`
			: outcome === 'unseen'
				? 'nothing shows that the power was cut'
				: undefined;
		return [
			{ kind: 'sweep-cut', at: atMs, board, index, planned, commanded, ...(observed ? { observed } : {}), outcome },
			...[...new Set(findings.map(({ invariant }) => invariant))].map(
				(invariant) =>
					({
						kind: 'invariant-judged',
						invariant,
						checks: 1,
						violations: findings.filter((finding) => finding.invariant === invariant).map(({ message }) => ({ device: board, at: atMs, message })),
					}) as const,
			),
			{ kind: 'run-case-timing', ...named, startedAt, wallMs },
			{
				kind: 'scenario-ended',
				...named,
				verdict: VERDICTS[outcome],
				...(reason === undefined ? {} : { reason: reason.split('\n')[0] ?? '' }),
				...(findings.length > 1 ? { detail: findings.map(({ invariant, message }) => `${invariant}: ${message}`).join('\n') } : {}),
				faults: [{ fault: 'power-cut', armed: 1, fired: outcome === 'unseen' ? 0 : 1 }],
				virtualMs: wallMs,
			},
		];
	}

	/** A cut that was made before the sweep was interrupted. */
	tellMade(record: CutRecord): void {
		const { board, index, planned: place, startedAt = new realTime.Date(realTime.epochMs()).toISOString(), commandedAtMs } = record;
		const events = [...this.beginCut(board, { index, place }), ...this.endCut(board, { record, startedAt, atMs: Math.round(commandedAtMs) })];
		for (const event of events) this.write(event, board);
	}

	/** A cut that was not made: `errored` where the rig could not, `inconclusive` where it should not. */
	failCut(
		board: string,
		{
			index,
			place,
			reason,
			verdict,
		}: { readonly index: number; readonly place: UpdatePlace; readonly reason: string; readonly verdict: 'errored' | 'inconclusive' },
	): BlackstartEvent {
		const named = { scenario: scenarioOf(board), title: titleOf(index, place) };
		return { kind: 'scenario-ended', ...named, verdict, reason: reason.split('\n')[0] ?? '', faults: [], virtualMs: 0 };
	}

	write(event: BlackstartEvent, board?: string): void {
		this.#log.write(event);
		this.#cases.observe(event);
		for (const reporter of this.#reporters) reporter.observe(event, board === undefined ? undefined : scenarioOf(board));
	}

	/** Puts the events of a cut that was shown already into the log, in one piece. */
	keep(events: readonly BlackstartEvent[]): void {
		for (const event of events) {
			this.#log.write(event);
			this.#cases.observe(event);
		}
	}

	end({ verdict, exitCode }: { readonly verdict: Exclude<Verdict, 'skipped'> | 'interrupted'; readonly exitCode: number }): void {
		this.write({ kind: 'run-ended', verdict, wallMs: Math.round(realTime.nowMs() - this.#startedMs), exitCode });
	}

	[Symbol.dispose](): void {
		this.#log.close();
		for (const reporter of this.#reporters) reporter.close();
		writePage(this.#folder);
	}
}

export const scenarioOf = (board: string): string => `sweep-${board}`;
const titleOf = (index: number, { phase, offsetMs }: UpdatePlace): string => `power cut ${index + 1}: ${phase} + ${offsetMs} ms`;
