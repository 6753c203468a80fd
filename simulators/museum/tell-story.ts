import type { BlackstartEvent, InvariantName, Violation } from '../../harness/events/index.js';
import { createJudge, type InvariantResult, type Judge } from '../../harness/invariants/index.js';
import type { FleetOptions } from '../../harness/ports/index.js';
import type { OpenFleet } from '../../harness/scenario/index.js';
import { createRandom, type Random } from '../../harness/time/index.js';
import { openSimulatedFleet, type ReplacedParts } from '../fleet/index.js';

/** What is done to a fleet that is online and idle. */
export interface Story {
	readonly options: FleetOptions & { readonly devices: number };
	tell(stage: Stage): Promise<void>;
}

/** What a story has to work with. */
export interface Stage {
	readonly fleet: OpenFleet;
	/** Differs with the seed. */
	readonly random: Random;
}

export interface TellOptions {
	readonly seed: string;
	/** In place of the right parts; none by default. */
	readonly parts?: ReplacedParts;
	/** Default: all invariants. */
	readonly createJudge?: () => Judge;
	readonly onEvent?: (event: BlackstartEvent) => void;
}

/** How a story went. */
export interface Told {
	readonly results: readonly InvariantResult[];
	/** Names of the invariants that were violated. */
	readonly broken: readonly InvariantName[];
	/** What violated an invariant first; undefined where nothing did. */
	firstOf(name: InvariantName): Violation | undefined;
	/** When the world closed. */
	readonly virtualMs: number;
}

const READY_WITHIN_MS = 3_600_000;

/** Tells a story to a simulated fleet in a virtual world of its own, and judges all of its timeline. One at a time in a process. */
export const tellStory = async (story: Story, { seed, parts = {}, createJudge: makeJudge = createJudge, onEvent }: TellOptions): Promise<Told> => {
	const judge = makeJudge();
	const record = (event: BlackstartEvent): void => {
		onEvent?.(event);
		judge.observe(event);
	};
	const context = { seed, options: { devices: story.options.devices, keys: [] }, record, abort };
	const fleet = await openSimulatedFleet(context, story.options, parts);
	try {
		await fleet.ready({ withinMs: READY_WITHIN_MS });
		await story.tell({ fleet, random: createRandom(seed).stream('story') });
		await fleet.finish();
	} finally {
		await fleet[Symbol.asyncDispose]();
	}
	const results = judge.finish();
	return {
		results,
		broken: results.filter(({ violations }) => violations.length > 0).map(({ invariant }) => invariant),
		firstOf: (name) => results.find(({ invariant }) => invariant === name)?.violations.toSorted((one, other) => one.at - other.at)[0],
		virtualMs: fleet.nowMs,
	};
};

const abort = (error: unknown): never => {
	throw error;
};
