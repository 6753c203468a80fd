import type { BlackstartEvent, InvariantName } from '../../../harness/events/index.js';
import { createJudge, type InvariantResult } from '../../../harness/invariants/index.js';
import type { FleetOptions, FleetPort } from '../../../harness/ports/index.js';
import { openSimulatedFleet, type ReplacedParts } from '../index.js';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** What is done to a fleet that is online and idle. */
export interface Story {
	readonly options: FleetOptions;
	readonly tell: (fleet: FleetPort) => Promise<void>;
}

export interface Judged {
	readonly events: readonly BlackstartEvent[];
	/** Names of the invariants that were violated. */
	readonly broken: readonly InvariantName[];
	readonly results: readonly InvariantResult[];
	of(name: InvariantName): InvariantResult;
}

/** Runs a story on a real simulated fleet, with these parts in place of the right ones, and judges all of its timeline. */
export const judgeFleet = async ({ options, tell }: Story, replaced: ReplacedParts = {}): Promise<Judged> => {
	const judge = createJudge();
	const events: BlackstartEvent[] = [];
	const record = (event: BlackstartEvent): void => {
		events.push(event);
		judge.observe(event);
	};
	const abort = (error: unknown): never => {
		throw error;
	};
	const fleet = await openSimulatedFleet({ seed: 'wrong', options: { devices: 6, keys: [] }, record, abort }, options, replaced);
	try {
		await fleet.ready({ withinMs: HOUR_MS });
		await tell(fleet);
		await fleet.finish();
	} finally {
		await fleet[Symbol.asyncDispose]();
	}
	const results = judge.finish();
	return {
		events,
		results,
		broken: results.filter(({ violations }) => violations.length > 0).map(({ invariant }) => invariant),
		of: (name) => results.find(({ invariant }) => invariant === name) as InvariantResult,
	};
};
