import { TEAR_LEVELS, type TearLevel, type WalkLimits } from '../../explorer/index.js';
import { EXIT_CODES } from '../run/outcome.js';
import { parseCount, parseTime } from '../run/flag-values.js';
import { UsageError } from '../usage-error.js';
import { assertPart, type Part, PART_DEFAULTS } from './build-subject.js';
import { type BoardTarget, findBoard, readBoardTarget } from './board-target.js';
import { type CarriedOutWalk, carryOutWalk } from './carry-out-walk.js';
import { formatEnd, formatStory, TEARS_IN_WORDS } from './explore-text.js';
import { formatLiveness } from './liveness-text.js';
import { encodeExplorerCase, type ExplorerTarget, findBootloader, type ModuleTarget, type NamedTarget } from './explorer-case.js';
import { readModuleTarget } from './module-target.js';
import { reportWalk } from './report-walk.js';
import { buildTarget, nameOfTarget, partOfTarget } from './target.js';
import { readUserPair } from './user-pair.js';
import { openWalkProgress } from './walk-progress.js';

/** The arguments of `blackstart explore`, as typed. */
export interface ExploreArguments {
	readonly bootloader?: string | undefined;
	readonly module?: string | undefined;
	readonly layout?: string | undefined;
	readonly sectors?: string | undefined;
	readonly 'sector-size'?: string | undefined;
	readonly 'write-size'?: string | undefined;
	readonly tears?: string | undefined;
	readonly cycles?: string | undefined;
	readonly from?: string | undefined;
	readonly to?: string | undefined;
	readonly 'max-states'?: string | undefined;
	readonly 'max-time'?: string | undefined;
	readonly depth?: string | undefined;
	readonly session?: boolean;
	readonly profile?: string | undefined;
	readonly seed?: string | undefined;
	readonly jobs?: string | undefined;
	readonly strict: boolean;
	readonly out?: string | undefined;
	readonly json: boolean;
}

/** What is walked, as it was asked for. */
export interface ExploreRequest {
	readonly target: ExplorerTarget;
	readonly limits: WalkLimits;
	readonly mostMs: number;
	readonly strict: boolean;
}

/** A finding with the line that replays it. */
export interface ToldFinding {
	readonly finding: CarriedOutWalk['findings'][number]['finding'];
	readonly case: string;
	readonly story: string;
}

/** Drawn tears of each kind for each operation. */
export const TEAR_SEEDS = 2;
const MOST_STATES = 100_000_000;
const MOST_DEPTH = 1_000;

/** `blackstart explore`: walks a bootloader to closure, or cuts a session everywhere; returns the exit code. */
export const exploreCommand = async (typed: ExploreArguments, { directory }: { readonly directory: string }): Promise<number> => {
	if (typed.session) {
		const { exploreSession } = await import('./session/index.js');
		return exploreSession(typed, { directory });
	}
	const request = readRequest(typed, { directory });
	const people = typed.json ? process.stderr : process.stdout;
	people.write(`${describeRequest(request)}\n`);
	const { tears, cycles } = request.target;
	const subject = buildTarget(request.target, { directory });
	const observer = openWalkProgress(process.stderr);
	const walked = await carryOutWalk(subject, { tears, cycles, seeds: TEAR_SEEDS, limits: request.limits, mostMs: request.mostMs, observer });
	observer.end();
	const told: readonly ToldFinding[] = walked.findings.map(({ finding, steps }) => {
		const line = encodeExplorerCase({ ...request.target, steps });
		return { finding, case: line, story: formatStory(finding, { steps, case: `blackstart replay ${line}` }) };
	});
	const isLimit = ({ finding }: ToldFinding): boolean => finding.limit !== undefined && !request.strict;
	const outcome = { walked, findings: told.filter((one) => !isLimit(one)), knownLimits: told.filter(isLimit) };
	const exitCode = exitCodeOf(walked, outcome.findings.length);
	const folder = reportWalk(request, { ...outcome, exitCode, directory, ...(typed.out === undefined ? {} : { out: typed.out }) });
	for (const { story } of [...outcome.findings, ...outcome.knownLimits]) people.write(`\n${story}`);
	people.write(`\n${formatLiveness(walked.charts.uptime, { mostBoots: walked.result.mostBoots })}`);
	people.write(`${formatEnd(walked.result, { end: walked.end, findings: outcome.findings.length })}report: ${folder}\n`);
	if (typed.json) process.stdout.write(`${JSON.stringify(describeOutcome(request, outcome))}\n`);
	return exitCode;
};

const exitCodeOf = ({ end }: CarriedOutWalk, findings: number): number => {
	if (end === 'interrupted') return EXIT_CODES.interrupted;
	if (findings > 0) return EXIT_CODES.failed;
	return end === 'closed' ? EXIT_CODES.passed : EXIT_CODES.inconclusive;
};

const describeOutcome = (
	request: ExploreRequest,
	{
		walked,
		findings,
		knownLimits,
	}: { readonly walked: CarriedOutWalk; readonly findings: readonly ToldFinding[]; readonly knownLimits: readonly ToldFinding[] },
) => ({
	bootloader: nameOfTarget(request.target),
	closed: walked.end === 'closed',
	end: walked.end,
	states: walked.result.states,
	cuts: walked.result.cuts,
	seconds: walked.seconds,
	tears: request.target.tears,
	cycles: request.target.cycles,
	limits: { ...request.limits, ...(Number.isFinite(request.mostMs) ? { seconds: request.mostMs / 1000 } : {}) },
	frontier: walked.result.frontier,
	depth: walked.result.depth,
	mostBoots: walked.result.mostBoots,
	uptime: walked.charts.uptime,
	findings: findings.map(({ finding, case: line }) => ({
		invariant: finding.invariant,
		class: finding.class,
		case: line,
		cuts: finding.cuts,
		detail: finding.detail,
		seen: finding.seen,
	})),
	knownLimits: knownLimits.map(({ finding, case: line }) => ({
		name: finding.limit?.name,
		case: line,
		class: finding.class,
		cuts: finding.cuts,
		source: finding.limit?.source,
	})),
});

const describeRequest = ({ target }: ExploreRequest): string => {
	const { tears, cycles } = target;
	return `explore ${nameOfTarget(target)} · ${describeParts(target).join(' · ')} · tears ${tears}: ${TEARS_IN_WORDS[tears]} · cycles ${cycles}`;
};

const describeParts = (target: ExplorerTarget): readonly string[] => {
	if ('board' in target) return [partOfTarget(target)];
	const { images } = target;
	const what = typeof images === 'string' ? `images ${images}` : `${images.from.path} to ${images.to.path}`;
	return ['module' in target ? partOfTarget(target) : `slots of ${partOfTarget(target)}, writes of ${target.part.writeSizeBytes}`, what];
};

const readRequest = (typed: ExploreArguments, { directory }: { readonly directory: string }): ExploreRequest => {
	for (const flag of ['profile', 'seed', 'jobs'] as const) {
		if (typed[flag] !== undefined) throw new UsageError(`--${flag}: it goes with --session`);
	}
	const tears = (typed.tears ?? 'L0').toUpperCase() as TearLevel;
	if (!TEAR_LEVELS.includes(tears)) throw new UsageError(`--tears: one of ${TEAR_LEVELS.join(', ')} was expected, got '${typed.tears}'`);
	const cycles = typed.cycles ?? 'unlimited';
	if (cycles !== '1' && cycles !== 'unlimited') throw new UsageError(`--cycles: 1 or unlimited was expected, got '${cycles}'`);
	return {
		target: {
			...(typed.module === undefined ? readNamedTarget(typed, { directory }) : readOwnTarget(typed, { directory })),
			tears,
			cycles: cycles === '1' ? 1 : 'unlimited',
		},
		limits: {
			...(typed['max-states'] === undefined ? {} : { states: parseCount(typed['max-states'], { flag: 'max-states', most: MOST_STATES }) }),
			...(typed.depth === undefined ? {} : { depth: parseCount(typed.depth, { flag: 'depth', most: MOST_DEPTH }) }),
		},
		mostMs: typed['max-time'] === undefined ? Number.POSITIVE_INFINITY : parseTime(typed['max-time'], { flag: 'max-time' }),
		strict: typed.strict,
	};
};

const readNamedTarget = (typed: ExploreArguments, { directory }: { readonly directory: string }): NamedTarget | BoardTarget => {
	if (typed.bootloader === undefined)
		throw new UsageError('--bootloader: the name of a bootloader was expected, or --module with a file; got nothing (--help lists them)');
	if (typed.layout !== undefined) throw new UsageError('--layout: it goes with --module, not with --bootloader');
	const board = findBoard(typed.bootloader);
	if (board !== null) return readBoardTarget(board, typed);
	const bootloader = findBootloader(typed.bootloader, '--bootloader');
	const part: Part = {
		sectors: typed.sectors === undefined ? PART_DEFAULTS.sectors : parseCount(typed.sectors, { flag: 'sectors', most: 1024 }),
		sectorSizeBytes:
			typed['sector-size'] === undefined ? PART_DEFAULTS.sectorSizeBytes : parseCount(typed['sector-size'], { flag: 'sector-size', most: 1 << 20 }),
		writeSizeBytes: typed['write-size'] === undefined ? PART_DEFAULTS.writeSizeBytes : parseCount(typed['write-size'], { flag: 'write-size', most: 32 }),
	};
	assertPart(part);
	const files = readUserPair(typed, { directory });
	return { bootloader, part, images: files === null ? 'old-fills' : { from: files.from, to: files.to } };
};

const readOwnTarget = (typed: ExploreArguments, { directory }: { readonly directory: string }): ModuleTarget => {
	for (const flag of ['bootloader', 'sectors', 'sector-size', 'write-size'] as const) {
		if (typed[flag] !== undefined) throw new UsageError(`--${flag}: it does not go with --module, whose layout says what its flash is`);
	}
	return readModuleTarget(typed, { directory });
};
