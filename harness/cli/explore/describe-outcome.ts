import type { ExploredTarget } from './explore-target.js';
import type { ExploreRequest } from './explore-request.js';
import { drawsTears } from './explore-text.js';
import { nameOfTarget } from './target.js';

/** What `--json` says of one walk. */
export const describeOutcome = (request: ExploreRequest, { walked, findings, knownLimits }: ExploredTarget) => ({
	bootloader: nameOfTarget(request.target),
	closed: walked.end === 'closed',
	end: walked.end,
	states: walked.result.states,
	cuts: walked.result.cuts,
	seconds: walked.seconds,
	tears: request.target.tears,
	...(drawsTears(request.target) ? { tearSeeds: request.target.seeds } : {}),
	cycles: request.target.cycles,
	limits: { ...request.limits, ...(Number.isFinite(request.mostMs) ? { seconds: request.mostMs / 1000 } : {}) },
	frontier: walked.result.frontier,
	depth: walked.result.depth,
	mostBoots: walked.result.mostBoots,
	uptime: walked.charts.uptime,
	findings: findings.map(({ finding, case: line, shrunk }) => ({
		invariant: finding.invariant,
		class: finding.class,
		case: line,
		cuts: finding.cuts,
		detail: finding.detail,
		seen: finding.seen,
		...(shrunk === undefined ? {} : { shrunk }),
	})),
	knownLimits: knownLimits.map(({ finding, case: line, shrunk }) => ({
		name: finding.limit?.name,
		case: line,
		class: finding.class,
		cuts: finding.cuts,
		source: finding.limit?.source,
		...(shrunk === undefined ? {} : { shrunk }),
	})),
});
