import { hostname } from 'node:os';
import { join, relative } from 'node:path';
import { openJunitReporter } from '../../../reports/index.js';
import type { BlackstartEvent, InvariantName, Verdict } from '../../events/index.js';
import { INVARIANT_OF } from '../../explorer/index.js';
import { realTime } from '../../time/index.js';
import { readPackageVersion } from '../package-root.js';
import { openRunFolder, pointLatest } from '../run/run-folder.js';
import { EventFile } from '../worker/event-file.js';
import type { CarriedOutWalk } from './carry-out-walk.js';
import type { ExploreRequest, ToldFinding } from './explore-command.js';
import { formatEnd } from './explore-text.js';
import { nameOfTarget, optionsOfTarget, partOfTarget } from './target.js';

export interface WalkReport {
	readonly walked: CarriedOutWalk;
	readonly findings: readonly ToldFinding[];
	readonly knownLimits: readonly ToldFinding[];
	readonly exitCode: number;
	readonly directory: string;
	readonly out?: string;
}

const SCENARIO = 'explore';
const VERDICTS: Readonly<Record<number, Verdict>> = { 0: 'passed', 1: 'failed' };

/** Leaves events and JUnit of a walk in a run's folder; returns the folder as a person types it. */
export const reportWalk = (request: ExploreRequest, report: WalkReport): string => {
	const { walked, directory, exitCode } = report;
	const startedAt = new realTime.Date(realTime.epochMs() - walked.seconds * 1000);
	const folder = openRunFolder({ directory, startedAt, ...(report.out === undefined ? {} : { out: report.out }) });
	const log = new EventFile(join(folder.path, 'events.jsonl'));
	const junit = openJunitReporter({ path: join(folder.path, 'junit.xml'), hostname: hostname(), projectDir: directory });
	const tell = (event: BlackstartEvent): void => {
		log.write(event);
		junit.observe(event, SCENARIO);
	};
	try {
		const versions = { blackstart: readPackageVersion(), node: process.version };
		tell({ kind: 'run-started', id: folder.id, startedAt: startedAt.toISOString(), seed: '0', options: optionsOf(request), versions, scenarios: [SCENARIO] });
		for (const event of eventsOf(request, report)) tell(event);
		const wallMs = Math.round(walked.seconds * 1000);
		tell({ kind: 'run-ended', verdict: walked.end === 'interrupted' ? 'interrupted' : (VERDICTS[exitCode] ?? 'inconclusive'), wallMs, exitCode });
		log.flush();
		pointLatest(folder);
		return relative(directory, folder.path) || '.';
	} finally {
		log.close();
		junit.close();
	}
};

const optionsOf = ({ target, limits, strict }: ExploreRequest): Readonly<Record<string, unknown>> => ({
	...optionsOfTarget(target),
	tears: target.tears,
	cycles: target.cycles,
	strict,
	...limits,
});

const eventsOf = (request: ExploreRequest, { walked, findings, knownLimits, exitCode }: WalkReport): readonly BlackstartEvent[] => {
	const name = nameOfTarget(request.target);
	const title = `${name}: ${partOfTarget(request.target)}, tears ${request.target.tears}`;
	const named = { scenario: SCENARIO, title };
	const { result } = walked;
	const verdict = VERDICTS[exitCode] ?? 'inconclusive';
	const [first] = findings;
	const reason = first === undefined ? formatEnd(result, { end: walked.end, findings: 0 }).trim() : `${first.finding.class}: ${first.finding.detail}`;
	return [
		{ kind: 'scenario-registered', scenario: SCENARIO, titles: [title] },
		{ kind: 'scenario-started', ...named, target: `bootloader ${name}`, seed: '0', options: optionsOf(request) },
		...(first === undefined ? [] : [{ kind: 'run-case', ...named, case: first.case } as const]),
		...[['states', result.states] as const, ['cuts', result.cuts] as const, ['known limits', knownLimits.length] as const].map(
			([name, value]) => ({ kind: 'scenario-evidence', name, value }) as const,
		),
		{ kind: 'explorer-depths', depths: walked.charts.depths },
		{ kind: 'explorer-cut-map', bootloader: name, tears: request.target.tears, rows: walked.charts.cutMap },
		{ kind: 'explorer-uptime', rows: walked.charts.uptime },
		...INVARIANTS.map((invariant) => ({
			kind: 'invariant-judged' as const,
			invariant,
			checks: result.nodes,
			violations: findings
				.filter(({ finding }) => finding.invariant === invariant)
				.map(({ finding }) => ({ at: 0, message: `${finding.class}: ${finding.detail}` })),
		})),
		{
			kind: 'scenario-ended',
			...named,
			verdict,
			...(verdict === 'passed' ? {} : { reason }),
			...(findings.length === 0 ? {} : { detail: findings.map(({ story }) => story).join('\n') }),
			faults: [{ fault: 'power-cut', armed: result.cuts, fired: result.cuts }],
			virtualMs: 0,
		},
	];
};

const INVARIANTS: readonly InvariantName[] = [...new Set(Object.values(INVARIANT_OF))];
