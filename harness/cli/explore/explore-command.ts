import { TEAR_LEVELS, type TearLevel } from '../../explorer/index.js';
import { parseCount, parseShrink, parseTime } from '../run/flag-values.js';
import { UsageError } from '../usage-error.js';
import { assertPart, IMAGE_SHAPES, type ImageShape, type Part, PART_DEFAULTS } from './build-subject.js';
import { BOOTLOADERS } from './bootloaders.js';
import { type BoardTarget, findBoard, readBoardTarget } from './board-target.js';
import { describeOutcome } from './describe-outcome.js';
import { type ExploreArguments, isTyped, PART_FLAGS } from './explore-flags.js';
import type { ExploreRequest } from './explore-request.js';
import { exploreTarget } from './explore-target.js';
import { formatEnd, sayDrawn, TEARS_IN_WORDS } from './explore-text.js';
import { formatLiveness } from './liveness-text.js';
import { type ExplorerTarget, findBootloader, type ModuleTarget, type NamedTarget } from './explorer-case.js';
import { readModuleTarget } from './module-target.js';
import { reportWalk } from './report-walk.js';
import { parseRuns } from './sector-runs.js';
import { nameOfTarget, partOfTarget } from './target.js';
import { sweep, type SweepRequest } from './sweep.js';
import { sweepCells } from './sweep-grid.js';
import { MOST_TEAR_SEEDS, TEAR_SEEDS } from './tear-seeds.js';
import { readUserPair } from './user-pair.js';
import { openWalkProgress } from './walk-progress.js';

const MOST_STATES = 100_000_000;
const MOST_DEPTH = 1_000;
const MOST_JOBS = 256;

/** `blackstart explore`: walks a bootloader to closure, or cuts a session everywhere; returns the exit code. */
export const exploreCommand = async (typed: ExploreArguments, { directory }: { readonly directory: string }): Promise<number> => {
	if (typed.session) {
		const { exploreSession } = await import('./session/index.js');
		return exploreSession(typed, { directory });
	}
	if (typed.sweep) return sweepCommand(typed, { directory });
	const request = readRequest(typed, { directory });
	const people = typed.json ? process.stderr : process.stdout;
	const observer = openWalkProgress(process.stderr);
	const outcome = await exploreTarget(request, { directory, observer, onBegin: () => people.write(`${describeRequest(request)}\n`) });
	observer.end();
	const { walked, exitCode } = outcome;
	const folder = reportWalk(request, { ...outcome, directory, ...(typed.out === undefined ? {} : { out: typed.out }) });
	for (const { story } of [...outcome.findings, ...outcome.knownLimits]) people.write(`\n${story}`);
	people.write(`\n${formatLiveness(walked.charts.uptime, { mostBoots: walked.result.mostBoots })}`);
	people.write(
		`${formatEnd(walked.result, { end: walked.end, findings: outcome.findings.length, knownLimits: outcome.knownLimits.length, target: request.target, neverUpdates: outcome.neverUpdates })}report: ${folder}\n`,
	);
	if (typed.json) process.stdout.write(`${JSON.stringify(describeOutcome(request, outcome))}\n`);
	return exitCode;
};

/** `--sweep`: the grid of every bootloader, or of the one that is named. */
const sweepCommand = (typed: ExploreArguments, { directory }: { readonly directory: string }): Promise<number> => {
	for (const flag of ['module', 'layout', ...PART_FLAGS, 'images', 'from', 'to', 'profile', 'seed', 'jobs'] as const) {
		if (isTyped(typed, flag)) throw new UsageError(`--${flag}: it does not go with --sweep, whose grid has parts and images of its own`);
	}
	const cells = sweepCells(typed.bootloader === undefined ? BOOTLOADERS : [findBootloader(typed.bootloader, '--bootloader')]);
	return sweep(cells, { request: { ...readCommon(typed), jobs: 1 }, directory, out: typed.out, json: typed.json, observer: openWalkProgress(process.stderr) });
};

const describeRequest = ({ target }: ExploreRequest): string => {
	const { tears, cycles } = target;
	return `explore ${nameOfTarget(target)} · ${describeParts(target).join(' · ')} · tears ${tears}: ${TEARS_IN_WORDS[tears]}${sayDrawn(target)} · cycles ${cycles}`;
};

const describeParts = (target: ExplorerTarget): readonly string[] => {
	if ('board' in target) return [partOfTarget(target)];
	const { images } = target;
	const what = typeof images === 'string' ? `images ${images}` : `${images.from.path} to ${images.to.path}`;
	return ['module' in target ? partOfTarget(target) : `slots of ${partOfTarget(target)}, writes of ${target.part.writeSizeBytes}`, what];
};

const readRequest = (typed: ExploreArguments, { directory }: { readonly directory: string }): ExploreRequest => {
	for (const flag of ['profile', 'seed'] as const) {
		if (typed[flag] !== undefined) throw new UsageError(`--${flag}: it goes with --session`);
	}
	const { tears, seeds, cycles, ...common } = readCommon(typed);
	const target = typed.module === undefined ? readNamedTarget(typed, { directory }) : readOwnTarget(typed, { directory });
	return { ...common, target: { ...target, tears, seeds, cycles } };
};

/** What a single walk and each cell of a sweep have in common. */
const readCommon = (typed: ExploreArguments): SweepRequest => {
	const tears = (typed.tears ?? 'L0').toUpperCase() as TearLevel;
	if (!TEAR_LEVELS.includes(tears)) throw new UsageError(`--tears: one of ${TEAR_LEVELS.join(', ')} was expected, got '${typed.tears}'`);
	const cycles = typed.cycles ?? 'unlimited';
	if (cycles !== '1' && cycles !== 'unlimited') throw new UsageError(`--cycles: 1 or unlimited was expected, got '${cycles}'`);
	return {
		tears,
		seeds: typed['tear-seeds'] === undefined ? TEAR_SEEDS : parseCount(typed['tear-seeds'], { flag: 'tear-seeds', most: MOST_TEAR_SEEDS }),
		cycles: cycles === '1' ? 1 : 'unlimited',
		limits: {
			...(typed['max-states'] === undefined ? {} : { states: parseCount(typed['max-states'], { flag: 'max-states', most: MOST_STATES }) }),
			...(typed.depth === undefined ? {} : { depth: parseCount(typed.depth, { flag: 'depth', most: MOST_DEPTH }) }),
		},
		mostMs: typed['max-time'] === undefined ? Number.POSITIVE_INFINITY : parseTime(typed['max-time'], { flag: 'max-time' }),
		strict: typed.strict,
		jobs: typed.jobs === undefined ? 1 : parseCount(typed.jobs, { flag: 'jobs', most: MOST_JOBS }),
		shrinkMs: parseShrink({ shrink: typed.shrink === true, seconds: typed['shrink-seconds'] }),
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
		...(typed['more-sectors'] === undefined ? {} : { moreSectors: parseRuns(typed['more-sectors'], '--more-sectors:') }),
		writeSizeBytes: typed['write-size'] === undefined ? PART_DEFAULTS.writeSizeBytes : parseCount(typed['write-size'], { flag: 'write-size', most: 32 }),
		...(typed['write-once'] ? { writeOnce: true } : {}),
	};
	assertPart(part);
	const files = readUserPair(typed, { directory });
	if (files !== null && typed.images !== undefined) throw new UsageError('--images: images are made up in a shape, or taken from --from and --to; got both');
	return { bootloader, part, images: files === null ? readShape(typed.images) : { from: files.from, to: files.to } };
};

const readShape = (shape = 'old-fills'): ImageShape => {
	if (IMAGE_SHAPES.includes(shape as ImageShape)) return shape as ImageShape;
	throw new UsageError(`--images: one of ${IMAGE_SHAPES.join(', ')} was expected, got '${shape}'`);
};

const readOwnTarget = (typed: ExploreArguments, { directory }: { readonly directory: string }): ModuleTarget => {
	for (const flag of ['bootloader', ...PART_FLAGS, 'images'] as const) {
		if (isTyped(typed, flag)) throw new UsageError(`--${flag}: it does not go with --module, whose layout says what its flash is`);
	}
	return readModuleTarget(typed, { directory });
};
