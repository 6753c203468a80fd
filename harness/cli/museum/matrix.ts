import type { Sighting } from '../../../simulators/museum/index.js';
import type { Tour } from './tour.js';

/** The matrix of a tour for people, bug, story, invariant and how soon, and what it came to. */
export const formatTour = (tour: Tour, options: { readonly firstSeed: number }): string =>
	`${tour.bugs.length > 0 ? `${formatMatrix(tour.bugs)}\n\n` : ''}${formatFindings(tour, options)}`;

/** What to replay where anything is wrong, and the counts. */
export const formatFindings = ({ bugs, cleanSeeds, cleanStories, alarms, errors }: Tour, { firstSeed }: { readonly firstSeed: number }): string => {
	const caught = bugs.filter((bug) => bug.caught).length;
	const slipped = bugs.filter((bug) => !bug.caught);
	return [
		...slipped.map(({ name, by, invariant }) => `SLIPPED THROUGH ${name}: ${invariant} was expected to be broken in ${by}\n  ${replayLine(name, firstSeed)}`),
		...alarms.map(
			({ story, seed, invariant, message }) => `FALSE ALARM ${invariant} accuses right devices in ${story}: ${message}\n  ${replayLine(story, seed)}`,
		),
		...errors.map(({ name, seed, message }) => `COULD NOT BE TOLD ${name}: ${message}\n  ${replayLine(name, seed)}`),
		`${caught} of ${bugs.length} wrong parts caught; right devices told ${cleanStories} stories over ${cleanSeeds} seeds, ${alarms.length} false alarms`,
		'',
	].join('\n');
};

const replayLine = (name: string, seed: number | string): string => `replay: blackstart museum --only ${name} --seed ${seed}`;

const formatMatrix = (bugs: readonly Sighting[]): string => {
	const rows = [
		['bug', 'story', 'invariant', 'after', 'incident'],
		...bugs.map(({ name, by, invariant, afterMs, incident }) => [name, by, invariant, afterMs === null ? 'not caught' : formatSoon(afterMs), incident]),
	];
	const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
	return rows
		.map((row) => row.map((cell, column) => (column === 3 ? cell.padStart(widths[3] as number) : cell.padEnd(widths[column] ?? 0))).join('  '))
		.join('\n');
};

/** Virtual time, in seconds. */
const formatSoon = (afterMs: number): string => `${(afterMs / 1_000).toFixed(1)} s`;
