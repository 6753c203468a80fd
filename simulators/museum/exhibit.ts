import type { InvariantName } from '../../harness/events/index.js';
import type { ReplacedParts } from '../fleet/index.js';
import type { StoryName } from './stories.js';

/** One wrong thing that was really built, and how it is found out. */
export interface Exhibit {
	/** Of small letters and hyphens; no other exhibit or story has it. */
	readonly name: string;
	/** What is wrong, in one sentence. */
	readonly bug: string;
	/** Where it happened: project and number of an issue, a clause, or a measurement. */
	readonly incident: string;
	/** The story in which it shows, and in which nothing right is accused. */
	readonly story: StoryName;
	/** Which invariant must be broken. */
	readonly invariant: InvariantName;
	/** What is put in place of the right parts. */
	readonly parts: ReplacedParts;
}
