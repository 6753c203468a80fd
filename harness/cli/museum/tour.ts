import type { FalseAlarm, Sighting } from '../../../simulators/museum/index.js';
import { EXIT_CODES } from '../run/outcome.js';
import type { TaskResult } from './task.js';

/** What a tour through the museum came to. */
export interface Tour {
	/** Every exhibit, in the order of its name. */
	readonly bugs: readonly Sighting[];
	/** Seeds that right devices were taken through stories with. */
	readonly cleanSeeds: number;
	/** Stories that were told with right devices, each seed's by itself. */
	readonly cleanStories: number;
	readonly falseAlarms: number;
	readonly alarms: readonly FalseAlarm[];
	readonly errors: readonly Extract<TaskResult, { kind: 'errored' }>[];
}

/** The results of a tour, in an order that does not depend on who was done first. */
export const gatherTour = (results: readonly TaskResult[]): Tour => {
	const clean = results.filter((result) => result.kind === 'clean');
	const alarms = clean.flatMap((result) => result.alarms).sort((one, other) => Number(one.seed) - Number(other.seed) || compare(one.story, other.story));
	return {
		bugs: results.flatMap((result) => (result.kind === 'exhibit' ? [result.sighting] : [])).sort((one, other) => compare(one.name, other.name)),
		cleanSeeds: clean.length,
		cleanStories: clean.reduce((sum, { stories }) => sum + stories, 0),
		falseAlarms: alarms.length,
		alarms,
		errors: results.filter((result) => result.kind === 'errored').sort((one, other) => compare(one.name, other.name)),
	};
};

/** A bug that slips through, or a right device that is accused, is a failure of what is sold here; a story that cannot be told is the harness's. */
export const exitCodeOf = ({ bugs, falseAlarms, errors }: Tour): number =>
	falseAlarms > 0 || bugs.some(({ caught }) => !caught) ? EXIT_CODES.failed : errors.length > 0 ? EXIT_CODES.errored : EXIT_CODES.passed;

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
