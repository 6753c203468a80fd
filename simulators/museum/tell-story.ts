import type { BlackstartEvent, InvariantName, Violation } from '../../harness/events/index.js';
import { createJudge, type InvariantResult, type Judge } from '../../harness/invariants/index.js';
import type { FleetOptions } from '../../harness/ports/index.js';
import type { OpenFleet } from '../../harness/scenario/index.js';
import { type Clock, createRandom, type Random } from '../../harness/time/index.js';
import { type Cloud, openCloud } from '../cloud/index.js';
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
	/** Takes a deployment back from every device that has not ended it, begun or not: `job-1` is the first one. */
	cancel(job: string): Promise<void>;
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
	const service = new Backstage(parts.openCloud ?? openCloud);
	const context = { seed, options: { devices: story.options.devices, keys: [] }, record, abort };
	const fleet = await openSimulatedFleet(context, story.options, { ...parts, openCloud: service.open });
	try {
		await fleet.ready({ withinMs: READY_WITHIN_MS });
		await story.tell({ fleet, random: createRandom(seed).stream('story'), cancel: (job) => service.cancel(job, fleet) });
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

/** The console of the update service, for what only its operator can do. */
class Backstage {
	readonly open: typeof openCloud;
	readonly #jobs = new Set<string>();
	#cloud: Cloud | undefined;
	#clock: Clock | undefined;

	constructor(openRight: typeof openCloud) {
		this.open = async (options) => {
			this.#clock = options.clock;
			const { observer } = options;
			this.#cloud = await openRight({
				...options,
				observer: {
					...observer,
					onJobStatus: (change) => {
						this.#jobs.add(change.jobId);
						observer?.onJobStatus?.(change);
					},
				},
			});
			return this.#cloud;
		};
	}

	/** The service has a job for each hardware revision, named after the deployment. */
	async cancel(deployment: string, fleet: OpenFleet): Promise<void> {
		const jobs = [...this.#jobs].filter((job) => job.startsWith(`${deployment}-`));
		if (jobs.length === 0) throw new RangeError(`cancel: a deployment was expected, got ${deployment}`);
		this.#clock?.after(1, () => {
			for (const job of jobs) this.#cloud?.cancelJob(job, { force: true });
		});
		await fleet.sleep(2);
	}
}
