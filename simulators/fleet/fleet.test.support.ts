import { type BlackstartEvent, encodeEvent } from '../../harness/events/index.js';
import type { LinkConditions } from '../../harness/faults/index.js';
import { TEAR_MODES } from '../../harness/faults/index.js';
import type { FleetOptions } from '../../harness/ports/index.js';
import type { OpenFleet, RunOptions } from '../../harness/scenario/index.js';
import { createRandom } from '../../harness/time/index.js';
import { openSimulatedFleet, type ReplacedParts } from './index.js';

export const HOUR_MS = 3_600_000;

export type EventOf<Kind extends BlackstartEvent['kind']> = Extract<BlackstartEvent, { kind: Kind }>;

export interface FleetRun {
	readonly fleet: OpenFleet;
	readonly events: BlackstartEvent[];
	of<Kind extends BlackstartEvent['kind']>(kind: Kind): readonly EventOf<Kind>[];
}

export interface FleetSetup extends FleetOptions {
	readonly seed?: string;
	/** The user's images and keys. */
	readonly run?: Partial<RunOptions>;
	readonly replaced?: ReplacedParts;
}

/** Opens a fleet, waits until it is online, runs `body`, and closes it; one at a time in a process. */
export const withFleet = async <Result>(
	{ seed = 'fleet', run, replaced, ...options }: FleetSetup,
	body: (run: FleetRun) => Promise<Result>,
): Promise<Result> => {
	const events: BlackstartEvent[] = [];
	const context = {
		seed,
		options: { devices: 3, keys: [], ...run },
		record: (event: BlackstartEvent): void => void events.push(event),
		abort: (error: unknown): never => {
			throw error;
		},
	};
	const fleet = await openSimulatedFleet(context, options, replaced);
	try {
		await fleet.ready({ withinMs: HOUR_MS });
		return await body({
			fleet,
			events,
			of: <Kind extends BlackstartEvent['kind']>(kind: Kind) => events.filter((event): event is EventOf<Kind> => event.kind === kind),
		});
	} finally {
		await fleet[Symbol.asyncDispose]();
	}
};

const LOSSY: LinkConditions = { latencyMs: 50, jitterMs: 20, bandwidthBytesPerS: 0, lossRatio: 0.05 };

/** The event log, line by line, of an update that goes out to a fleet under packet loss while power is cut all over it. */
export const runFaultyFleet = (options: { readonly seed: string; readonly devices: number; readonly imageBytes: number }): Promise<readonly string[]> =>
	withFleet({ seed: options.seed, devices: options.devices, link: LOSSY }, async ({ fleet, events }) => {
		const chance = createRandom(options.seed).stream('cuts');
		for (const device of fleet.devices) {
			const offMs = 500 + chance.integer(5_000);
			const moment = chance.chance(0.5)
				? ({ at: 'time', afterMs: 1 + chance.integer(20_000) } as const)
				: ({ at: 'operation', operation: chance.integer(8), tear: chance.pick(TEAR_MODES), tearSeed: chance.integer(1_000) } as const);
			fleet.arm(device, { kind: 'power-cut', moment, offMs });
		}
		await fleet.deploy(fleet.releases.candidate({ sizeBytes: options.imageBytes }));
		await fleet.settle({ withinMs: 12 * HOUR_MS });
		await fleet.finish();
		return events.map(encodeEvent);
	});

/** The first line in which two logs differ, as a message; undefined where they are equal. */
export const describeDifference = (left: readonly string[], right: readonly string[]): string | undefined => {
	for (let line = 0; line < Math.max(left.length, right.length); line++) {
		if (left[line] !== right[line]) return `line ${line + 1} differs:\n${left[line] ?? '(the log ends)\n'}${right[line] ?? '(the log ends)\n'}`;
	}
	return undefined;
};
