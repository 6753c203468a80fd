import type { BlackstartEvent, InvariantName } from '../../events/index.js';
import { INVARIANT_OF } from '../../explorer/index.js';
import type { CarriedOutWalk } from './carry-out-walk.js';
import type { ExploreRequest, ToldFinding } from './explore-request.js';
import { drawsTears, formatEnd } from './explore-text.js';
import { EXPLORE_SCENARIO, leaveRun, verdictOf } from './leave-run.js';
import { nameOfTarget, optionsOfTarget, partOfTarget } from './target.js';

export interface WalkReport {
	readonly walked: CarriedOutWalk;
	readonly findings: readonly ToldFinding[];
	readonly knownLimits: readonly ToldFinding[];
	readonly neverUpdates: boolean;
	readonly exitCode: number;
	readonly directory: string;
	readonly out?: string;
}

/** Leaves events and JUnit of a walk in a run's folder; returns the folder as a person types it. */
export const reportWalk = (request: ExploreRequest, report: WalkReport): string =>
	leaveRun({
		seed: '0',
		options: optionsOf(request),
		events: [
			{ kind: 'scenario-registered', scenario: EXPLORE_SCENARIO, titles: [titleOf(request)] },
			...eventsOfWalk(request, { ...report, title: titleOf(request) }),
		],
		seconds: report.walked.seconds,
		exitCode: report.exitCode,
		directory: report.directory,
		out: report.out,
	});

const optionsOf = ({ target, limits, strict }: ExploreRequest): Readonly<Record<string, unknown>> => ({
	...optionsOfTarget(target),
	tears: target.tears,
	...(drawsTears(target) ? { tearSeeds: target.seeds } : {}),
	cycles: target.cycles,
	strict,
	...limits,
});

const titleOf = ({ target }: ExploreRequest): string => `${nameOfTarget(target)}: ${partOfTarget(target)}, tears ${target.tears}`;

/** A walk as a case of its own, from its start to its end. */
export const eventsOfWalk = (
	request: ExploreRequest,
	report: Pick<WalkReport, 'walked' | 'findings' | 'knownLimits' | 'neverUpdates' | 'exitCode'> & { readonly title: string },
): readonly BlackstartEvent[] => {
	const { walked, findings, knownLimits, neverUpdates, exitCode, title } = report;
	const name = nameOfTarget(request.target);
	const named = { scenario: EXPLORE_SCENARIO, title };
	const { result } = walked;
	const verdict = verdictOf(exitCode);
	const [first] = findings;
	const reason =
		first === undefined
			? formatEnd(result, {
					end: walked.end,
					findings: 0,
					knownLimits: knownLimits.length,
					target: request.target,
					neverUpdates,
				}).trim()
			: `${first.finding.class}: ${first.finding.detail}`;
	return [
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
