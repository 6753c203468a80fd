import type { Judge } from '../../invariants/index.js';
import { EXHIBITS, type FalseAlarm, type Sighting, STORY_NAMES, type StoryName, visitExhibit, visitStory } from '../../../simulators/museum/index.js';

/** One piece of work of a tour; whoever does it needs nothing but this. */
export type Task =
	| { readonly kind: 'exhibit'; readonly name: string; readonly seed: string }
	/** Right devices in each of these stories. */
	| { readonly kind: 'clean'; readonly seed: string; readonly stories: readonly StoryName[] };

export type TaskResult =
	| { readonly kind: 'exhibit'; readonly sighting: Sighting }
	| { readonly kind: 'clean'; readonly seed: string; readonly stories: number; readonly alarms: readonly FalseAlarm[] }
	/** The harness failed: `name` is what to replay. */
	| { readonly kind: 'errored'; readonly name: string; readonly seed: string; readonly message: string };

/** Each seed has every third story told, so that three seeds after one another tell them all. */
const SEEDS_PER_ROUND = 3;

export interface TourOptions {
	/** Where seeds begin; exhibits have this one. */
	readonly firstSeed: number;
	/** How many seeds the right devices have. */
	readonly seeds: number;
	/** An exhibit, with its story, or a story alone; all by default. */
	readonly only?: string;
}

/** The work of a tour: exhibits first. Throws a RangeError for a name that is neither an exhibit's nor a story's. */
export const planTour = ({ firstSeed, seeds, only }: TourOptions): readonly Task[] => {
	const exhibits = EXHIBITS.filter(({ name }) => only === undefined || only === name);
	const chosen = only === undefined ? undefined : (exhibits[0]?.story ?? STORY_NAMES.find((name) => name === only));
	if (only !== undefined && chosen === undefined) throw new RangeError(`only: an exhibit or a story was expected, got '${only}'`);
	const storiesOf = (index: number): readonly StoryName[] =>
		chosen === undefined ? STORY_NAMES.filter((_, story) => story % SEEDS_PER_ROUND === index % SEEDS_PER_ROUND) : [chosen];
	return [
		...exhibits.map(({ name }): Task => ({ kind: 'exhibit', name, seed: String(firstSeed) })),
		...Array.from({ length: seeds }, (_, index): Task => ({ kind: 'clean', seed: String(firstSeed + index), stories: storiesOf(index) })),
	];
};

/** Does one piece of work in this process. Never rejects: what fails is the result. */
export const doTask = async (task: Task, options: { readonly createJudge?: () => Judge } = {}): Promise<TaskResult> => {
	const { seed } = task;
	let name = task.kind === 'exhibit' ? task.name : '';
	try {
		if (task.kind === 'exhibit') {
			const exhibit = EXHIBITS.find((candidate) => candidate.name === name);
			if (exhibit === undefined) throw new RangeError(`name: an exhibit was expected, got '${name}'`);
			return { kind: 'exhibit', sighting: await visitExhibit(exhibit, { seed, ...options }) };
		}
		const alarms: FalseAlarm[] = [];
		for (const story of task.stories) {
			name = story;
			alarms.push(...(await visitStory(story, { seed, ...options })));
		}
		return { kind: 'clean', seed, stories: task.stories.length, alarms };
	} catch (error) {
		return { kind: 'errored', name, seed, message: error instanceof Error ? error.message : String(error) };
	}
};
