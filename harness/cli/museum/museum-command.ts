import { availableParallelism } from 'node:os';
import { EXHIBITS, STORY_NAMES } from '../../../simulators/museum/index.js';
import { parseCount, parseSeed } from '../run/flag-values.js';
import { onInterrupt } from '../run/interrupt.js';
import { nearestNames } from '../run/nearest-names.js';
import { EXIT_CODES } from '../run/outcome.js';
import { UsageError } from '../usage-error.js';
import { doTasks } from './crew.js';
import { formatFindings, formatTour } from './matrix.js';
import { openTourProgress } from './progress.js';
import { planTour, type Task, type TaskResult } from './task.js';
import { exitCodeOf, gatherTour } from './tour.js';

/** The arguments of `blackstart museum`, as typed. */
export interface MuseumArguments {
	readonly only?: string | undefined;
	readonly seed?: string | undefined;
	readonly seeds?: string | undefined;
	readonly jobs?: string | undefined;
	readonly json: boolean;
}

const DEFAULT_SEED = '1';
const DEFAULT_SEEDS = 200;
const MOST_SEEDS = 1_000_000;
const MOST_JOBS = 256;

/** `blackstart museum`: has every exhibit caught and no right device accused; returns the exit code. */
export const museumCommand = async (typed: MuseumArguments): Promise<number> => {
	const { only, json } = typed;
	const firstSeed = Number(parseSeed(typed.seed ?? DEFAULT_SEED));
	const seeds = typed.seeds === undefined ? (only === undefined ? DEFAULT_SEEDS : 1) : parseCount(typed.seeds, { flag: 'seeds', most: MOST_SEEDS });
	const jobs = typed.jobs === undefined ? availableParallelism() : parseCount(typed.jobs, { flag: 'jobs', most: MOST_JOBS });
	assertName(only);
	const results = await takeTour(planTour({ firstSeed, seeds, ...(only === undefined ? {} : { only }) }), { jobs });
	if (results === 'interrupted') return EXIT_CODES.interrupted;
	const tour = gatherTour(results);
	process.stdout.write(json ? `${JSON.stringify({ seed: String(firstSeed), ...tour })}\n` : formatTour(tour, { firstSeed }));
	if (json && exitCodeOf(tour) !== EXIT_CODES.passed) process.stderr.write(formatFindings(tour, { firstSeed }));
	return exitCodeOf(tour);
};

const assertName = (only: string | undefined): void => {
	const names: readonly string[] = [...EXHIBITS.map(({ name }) => name), ...STORY_NAMES];
	if (only === undefined || names.includes(only)) return;
	throw new UsageError(`--only: an exhibit or a story was expected, got '${only}'; did you mean ${nearestNames(only, names).join(', ')}?`);
};

const takeTour = async (tasks: readonly Task[], { jobs }: { readonly jobs: number }): Promise<readonly TaskResult[] | 'interrupted'> => {
	const results: TaskResult[] = [];
	const abort = new AbortController();
	const progress = openTourProgress(tasks, { output: process.stderr });
	const stopListening = onInterrupt({ first: () => abort.abort(), second: () => abort.abort() });
	try {
		await doTasks(tasks, {
			jobs,
			signal: abort.signal,
			onResult: (result) => {
				results.push(result);
				progress.done(result);
			},
		});
	} finally {
		stopListening();
		progress.end();
	}
	return abort.signal.aborted ? 'interrupted' : results;
};
