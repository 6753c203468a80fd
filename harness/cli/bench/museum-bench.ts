import { doTask, planTour, type Task } from '../museum/task.js';
import { measureUsage, type Usage } from './usage.js';

export interface MuseumMeasurement {
	/** In all stories that were told. */
	readonly devices: number;
	readonly usage: Usage;
}

/** The whole matrix in this process, or one exhibit's: its story with its wrong part, and right devices over so many seeds. Throws where one slips through or a right one is accused. */
export const measureMuseum = async ({ seeds, only }: { readonly seeds: number; readonly only?: string }): Promise<MuseumMeasurement> => {
	const { EXHIBITS, STORIES } = await import('../../../simulators/museum/index.js');
	const storiesOf = (task: Task): readonly (keyof typeof STORIES)[] =>
		task.kind === 'clean' ? task.stories : EXHIBITS.flatMap(({ name, story }) => (name === task.name ? [story] : []));
	const tasks = planTour({ firstSeed: 1, seeds, ...(only === undefined ? {} : { only }) });
	const { usage } = await measureUsage(async () => {
		for (const task of tasks) {
			const result = await doTask(task);
			const isRight = result.kind === 'exhibit' ? result.sighting.caught : result.kind === 'clean' && result.alarms.length === 0;
			if (!isRight) throw new Error(`the museum is not whole: ${JSON.stringify(result)}`);
		}
	});
	const devices = tasks.flatMap(storiesOf).reduce((sum, story) => sum + STORIES[story].options.devices, 0);
	return { devices, usage };
};
