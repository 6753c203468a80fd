import { FactoryError } from '../../explorer/index.js';
import { realTime } from '../../time/index.js';
import { EXIT_CODES } from '../run/outcome.js';
import { type CarriedOutWalk, carryOutWalk } from './carry-out-walk.js';
import { formatStory } from './explore-text.js';
import { encodeExplorerCase } from './explorer-case.js';
import type { ExploreRequest, ToldFinding } from './explore-request.js';
import { shrinkExplorerCase } from './shrink-explorer-case.js';
import { buildTarget, nameOfTarget } from './target.js';
import { UsageError } from '../usage-error.js';
import { createWalkCrew } from './walk-crew.js';
import type { WalkObserver } from './walk-progress.js';

/** A walk of one target, its breaks parted into findings and what the real bootloader is known to break. */
export interface ExploredTarget {
	readonly walked: CarriedOutWalk;
	readonly findings: readonly ToldFinding[];
	readonly knownLimits: readonly ToldFinding[];
	/** Closed, nothing went wrong, and nothing was updated: a walk around updates shows nothing of them. */
	readonly neverUpdates: boolean;
	readonly exitCode: number;
}

export const exploreTarget = async (
	request: ExploreRequest,
	/** `onBegin`: there is something to walk. */
	options: { readonly directory: string; readonly observer: WalkObserver; readonly onBegin?: () => void },
): Promise<ExploredTarget> => {
	const { target, limits, mostMs, strict, jobs } = request;
	const { tears, seeds, cycles } = target;
	const subject = buildTarget(target, options);
	const crew = jobs > 1 ? createWalkCrew(target, { directory: options.directory, helpers: jobs - 1 }) : null;
	const { observer, onBegin = () => {} } = options;
	const walked = await refuseFactory(target, () => carryOutWalk(subject, { tears, cycles, seeds, limits, mostMs, observer, onBegin, crew }));
	const endMs = realTime.nowMs() + request.shrinkMs;
	const told: readonly ToldFinding[] = walked.findings.map(({ finding, steps }) => {
		const one = { ...target, steps };
		const line = encodeExplorerCase(one);
		const story = formatStory(finding, { steps, case: `blackstart replay ${line}` });
		const shrunk = request.shrinkMs === 0 ? null : shrinkExplorerCase(subject, { one, goesOn: () => realTime.nowMs() < endMs });
		return { finding, case: line, ...(shrunk === null ? { story } : { story: `${story}${shrunk.text}`, shrunk: shrunk.json }) };
	});
	const isLimit = ({ finding }: ToldFinding): boolean => finding.limit !== undefined && !strict;
	const findings = told.filter((one) => !isLimit(one));
	const knownLimits = told.filter(isLimit);
	const isAsKnown = findings.length === 0 && knownLimits.length === 0;
	const neverUpdates = walked.end === 'closed' && isAsKnown && walked.charts.uptime.length === 0;
	return { walked, findings, knownLimits, neverUpdates, exitCode: neverUpdates ? EXIT_CODES.inconclusive : exitCodeOf(walked, findings.length) };
};

const exitCodeOf = ({ end }: CarriedOutWalk, findings: number): number => {
	if (end === 'interrupted') return EXIT_CODES.interrupted;
	if (findings > 0) return EXIT_CODES.failed;
	return end === 'closed' ? EXIT_CODES.passed : EXIT_CODES.inconclusive;
};

const refuseFactory = async <Value>(target: ExploreRequest['target'], walk: () => Promise<Value>): Promise<Value> => {
	try {
		return await walk();
	} catch (cause) {
		if (!(cause instanceof FactoryError)) throw cause;
		const place = 'module' in target ? `--module: ${target.module.path}` : `--bootloader: ${nameOfTarget(target)}`;
		throw new UsageError(`${place}: a device that leaves the factory was expected, its last step (provision) fails: ${cause.message}`, { cause });
	}
};
