import { EXIT_CODES } from '../run/outcome.js';
import { realTime } from '../../time/index.js';
import { UsageError } from '../usage-error.js';
import { describeOutcome } from './describe-outcome.js';
import type { ExploreRequest } from './explore-request.js';
import { type ExploredTarget, exploreTarget } from './explore-target.js';
import { count } from './explore-text.js';
import { EXPLORE_SCENARIO, leaveRun } from './leave-run.js';
import { eventsOfWalk } from './report-walk.js';
import { type SweepCell, titleOfCell } from './sweep-grid.js';
import type { WalkObserver } from './walk-progress.js';

/** What a sweep's cells have in common. */
export type SweepRequest = Omit<ExploreRequest, 'target'> & Pick<ExploreRequest['target'], 'tears' | 'seeds' | 'cycles'>;

/** A cell that was walked, or why its bootloader cannot have it. */
export type SweptCell = { readonly cell: SweepCell } & ({ readonly explored: ExploredTarget; readonly request: ExploreRequest } | { readonly skipped: string });

/** Walks every cell, and says of each what it came to; returns the exit code. An interrupt ends it after the cell under way. */
export const sweep = async (
	cells: readonly SweepCell[],
	options: {
		readonly request: SweepRequest;
		readonly directory: string;
		readonly out: string | undefined;
		readonly json: boolean;
		readonly observer: WalkObserver;
	},
): Promise<number> => {
	const { request, directory, out, json, observer } = options;
	const people = json ? process.stderr : process.stdout;
	const startedMs = realTime.nowMs();
	const swept: SweptCell[] = [];
	const width = Math.max(...cells.map((cell) => titleOfCell(cell).length));
	for (const cell of cells) {
		const one = await sweepCell(cell, { request, directory, observer });
		swept.push(one);
		people.write(`${titleOfCell(cell).padEnd(width)}  ${sayCell(one)}\n`);
		if ('explored' in one && one.explored.exitCode === EXIT_CODES.interrupted) break;
	}
	observer.end();
	const walked = swept.flatMap((one) => ('explored' in one ? [one.explored] : []));
	for (const { findings } of walked) for (const { story } of findings) people.write(`\n${story}`);
	const exitCode = exitCodeOf(walked.map((one) => one.exitCode));
	const seconds = (realTime.nowMs() - startedMs) / 1000;
	const { tears, cycles, strict, limits } = request;
	const folder = leaveRun({
		seed: '0',
		options: { sweep: true, tears, cycles, strict, ...limits },
		events: eventsOfSweep(swept),
		seconds,
		exitCode,
		directory,
		out,
	});
	people.write(`\n${summarise(swept, cells.length)}report: ${folder}\n`);
	if (json) process.stdout.write(`${JSON.stringify({ tears, cycles, seconds, cells: swept.map(describeCell), exitCode })}\n`);
	return exitCode;
};

const sweepCell = async (
	cell: SweepCell,
	options: { readonly request: SweepRequest; readonly directory: string; readonly observer: WalkObserver },
): Promise<SweptCell> => {
	const { bootloader, part, images } = cell;
	const { tears, seeds, cycles, ...common } = options.request;
	const request: ExploreRequest = { ...common, target: { bootloader, part, images, tears, seeds, cycles } };
	try {
		return { cell, request, explored: await exploreTarget(request, options) };
	} catch (error) {
		// A part that the bootloader cannot have is wrong use of a single walk, and a hole in a grid.
		if (error instanceof UsageError) return { cell, skipped: error.message };
		throw error;
	}
};

const sayCell = (one: SweptCell): string => {
	if ('skipped' in one) return `skipped: ${one.skipped}`;
	const { walked, findings, knownLimits } = one.explored;
	const { states, cuts } = walked.result;
	const ended = walked.end === 'closed' ? 'closed' : `NOT closed (${walked.end})`;
	const found = findings.length === 0 ? 'no brick' : findings.map(({ finding }) => `${finding.class} after ${finding.cuts}`).join(', ');
	const known = knownLimits.length === 0 ? '' : `, known limits: ${knownLimits.map(({ finding }) => finding.limit?.name).join(', ')}`;
	return `${ended}: ${count(states)} states, ${count(cuts)} cuts, ${found}${known}`;
};

const summarise = (swept: readonly SweptCell[], cells: number): string => {
	const walked = swept.flatMap((one) => ('explored' in one ? [one.explored] : []));
	const closed = walked.filter(({ walked: { end } }) => end === 'closed').length;
	const bad = walked.filter(({ findings }) => findings.length > 0).length;
	const skipped = swept.length - walked.length;
	const left = cells - swept.length;
	return `sweep: ${cells} cells, ${closed} closed, ${walked.length - closed} NOT closed, ${bad} with findings, ${skipped} skipped${left > 0 ? `, ${left} never begun` : ''}\n`;
};

const exitCodeOf = (codes: readonly number[]): number => {
	const worst = [EXIT_CODES.interrupted, EXIT_CODES.failed, EXIT_CODES.inconclusive].find((code) => codes.includes(code));
	return worst ?? (codes.length === 0 ? EXIT_CODES.inconclusive : EXIT_CODES.passed);
};

const eventsOfSweep = (swept: readonly SweptCell[]) => [
	{ kind: 'scenario-registered' as const, scenario: EXPLORE_SCENARIO, titles: swept.map(({ cell }) => titleOfCell(cell)) },
	...swept.flatMap((one) => {
		const title = titleOfCell(one.cell);
		if ('explored' in one) return eventsOfWalk(one.request, { ...one.explored, title });
		const target = `bootloader ${one.cell.bootloader.name}`;
		return [{ kind: 'scenario-skipped' as const, scenario: EXPLORE_SCENARIO, title, target, reason: one.skipped }];
	}),
];

const describeCell = (one: SweptCell) => {
	const { geometry, part, images } = one.cell;
	const cell = { geometry, ...part, images };
	if ('skipped' in one) return { bootloader: one.cell.bootloader.name, ...cell, skipped: one.skipped };
	return { ...cell, ...describeOutcome(one.request, one.explored) };
};
