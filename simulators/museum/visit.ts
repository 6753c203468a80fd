import type { InvariantName } from '../../harness/events/index.js';
import type { Judge } from '../../harness/invariants/index.js';
import type { Exhibit } from './exhibit.js';
import { STORIES, type StoryName } from './stories.js';
import { tellStory } from './tell-story.js';

/** What became of an exhibit in its story. */
export interface Sighting {
	readonly name: string;
	/** Whether the invariant that stands for it was broken. */
	readonly caught: boolean;
	/** The story it was told in. */
	readonly by: StoryName;
	readonly invariant: InvariantName;
	/** Others that were broken with it, in the order of the design's table. */
	readonly also: readonly InvariantName[];
	/** When it was first seen, virtual milliseconds since the world opened; null where it was not. */
	readonly afterMs: number | null;
	/** What was wanted and what came; null where nothing was seen. */
	readonly message: string | null;
	readonly bug: string;
	readonly incident: string;
}

/** A right fleet that was accused. */
export interface FalseAlarm {
	readonly story: StoryName;
	readonly seed: string;
	readonly invariant: InvariantName;
	readonly message: string;
}

interface VisitOptions {
	readonly seed: string;
	/** Default: all invariants. */
	readonly createJudge?: () => Judge;
}

/** Tells an exhibit's story with its wrong parts. */
export const visitExhibit = async ({ name, story, invariant, parts, bug, incident }: Exhibit, options: VisitOptions): Promise<Sighting> => {
	const { broken, firstOf } = await tellStory(STORIES[story], { ...options, parts });
	const first = firstOf(invariant);
	const also = broken.filter((other) => other !== invariant);
	return { name, caught: first !== undefined, by: story, invariant, also, afterMs: first?.at ?? null, message: first?.message ?? null, bug, incident };
};

/** Tells a story with nothing wrong: whoever is accused, it is wrongly. */
export const visitStory = async (story: StoryName, options: VisitOptions): Promise<readonly FalseAlarm[]> => {
	const { broken, firstOf } = await tellStory(STORIES[story], options);
	return broken.map((invariant) => ({ story, seed: options.seed, invariant, message: firstOf(invariant)?.message ?? '' }));
};
