import { type BlackstartEvent, encodeEvent } from '../../events/index.js';
import { type LinkConditions, TEAR_MODES } from '../../faults/index.js';
import { createJudge } from '../../invariants/index.js';
import type { FleetDevice, FleetOptions, FleetPort } from '../../ports/index.js';
import type { OpenFleet, Rung } from '../../scenario/index.js';
import { measureUsage, type Usage } from './usage.js';

/** One whole update of a fleet, or of one device again and again. */
export interface FleetMeasurement {
	readonly devices: number;
	readonly events: number;
	/** Of the event log, which goes nowhere: every line is encoded and counted. */
	readonly logBytes: number;
	/** Virtual time that devices passed through. */
	readonly deviceHours: number;
	/** How often the invariants were asked. */
	readonly checks: number;
	readonly usage: Usage;
}

const SEED = '1';
const PROFILE = 'sensor';
const HOUR_MS = 3_600_000;
const BAD_LINK: LinkConditions = { latencyMs: 50, jitterMs: 0, bandwidthBytesPerS: 0, lossRatio: 0.05 };
const OFF_MS = 2_000;
const SEEDS_PER_BIT_TEAR = 3;

/** A fleet of `sensor`s, 64 KiB slots, takes an image that fills the slot in 4 KiB blocks, at 50 ms and 5 % loss. Throws where a device does not end updated. */
export const measureFleetUpdate = (devices: number, { rung, ...options }: FleetOptions & { readonly rung?: Rung } = {}): Promise<FleetMeasurement> =>
	measureFleet({ devices, link: BAD_LINK, ...options }, { rung }, async (fleet) => {
		await fleet.ready({ withinMs: HOUR_MS });
		await deploy(fleet, fleet.devices);
		assertEnds(fleet.devices, ['updated']);
		return devices;
	});

/** One device's update with power lost at its every flash operation, torn in every way: each cut is taken by a device of its own. */
export const measurePowerCuts = (limit: { readonly operations: number } = { operations: Number.POSITIVE_INFINITY }): Promise<FleetMeasurement> =>
	measureFleet({ devices: 1, referenceShare: 0.01 }, {}, async (fleet) => {
		await fleet.ready({ withinMs: HOUR_MS });
		const [model] = fleet.devices as [FleetDevice];
		const before = model.flashOperations;
		await deploy(fleet, [model]);
		const operations = Math.min(limit.operations, model.flashOperations - before);
		const tears = TEAR_MODES.flatMap((tear) => Array.from({ length: tear === 'bits' ? SEEDS_PER_BIT_TEAR : 1 }, (_, tearSeed) => ({ tear, tearSeed })));
		const devices = await fleet.enrol(operations * tears.length);
		devices.forEach((device, index) => {
			const moment = { at: 'operation', operation: Math.floor(index / tears.length), ...(tears[index % tears.length] as (typeof tears)[number]) } as const;
			fleet.arm(device, { kind: 'power-cut', moment, offMs: OFF_MS });
		});
		await deploy(fleet, devices);
		const fired = fleet.faultsFired('power-cut');
		if (fired !== devices.length) throw new Error(`${devices.length} power cuts were to take effect, ${fired} did`);
		assertEnds(devices, ['updated', 'reverted']);
		return devices.length;
	});

const deploy = async (fleet: FleetPort, devices: readonly FleetDevice[]): Promise<void> => {
	await fleet.deploy(fleet.releases.candidate({ sizeBytes: 'fills-slot' }), { devices });
	await fleet.settle({ withinMs: 12 * HOUR_MS });
};

const assertEnds = (devices: readonly FleetDevice[], outcomes: readonly string[]): void => {
	const wrong = devices.filter(({ outcome }) => !outcomes.includes(outcome));
	if (wrong.length === 0) return;
	throw new Error(`${devices.length} devices were to end ${outcomes.join(' or ')}, ${wrong.length} did not: ${wrong[0]?.id} ended ${wrong[0]?.outcome}`);
};

/** Opens a fleet with all invariants on and its log encoded, and measures from there to its last judgement. */
const measureFleet = async (
	options: FleetOptions & { readonly devices: number },
	{ rung }: { readonly rung?: Rung | undefined },
	run: (fleet: OpenFleet) => Promise<number>,
): Promise<FleetMeasurement> => {
	const { openSimulatedFleet } = await import('../../../simulators/fleet/index.js');
	const log = new CountingLog();
	const context = {
		seed: SEED,
		options: { devices: options.devices, keys: [], ...(rung ? { rung } : {}) },
		record: (event: BlackstartEvent) => log.record(event),
		abort: (error: unknown) => {
			throw error;
		},
	};
	const { result, usage } = await measureUsage(async () => {
		const fleet = await openSimulatedFleet(context, { ...options, ...(options.places ? {} : { profiles: [PROFILE] }) });
		const devices = await run(fleet);
		await fleet.finish();
		return { fleet, devices, checks: log.judge() };
	});
	const { fleet, devices, checks } = result;
	const deviceHours = (devices * fleet.nowMs) / HOUR_MS;
	await fleet[Symbol.asyncDispose]();
	return { devices, events: log.events, logBytes: log.bytes, deviceHours, checks, usage };
};

class CountingLog {
	events = 0;
	bytes = 0;
	readonly #judge = createJudge();

	record(event: BlackstartEvent): void {
		this.#judge.observe(event);
		this.events++;
		this.bytes += encodeEvent(event).length;
	}

	/** Throws on the first violation; else how often the invariants were asked. */
	judge(): number {
		const reports = this.#judge.finish();
		const broken = reports.find(({ violations }) => violations.length > 0);
		if (broken) throw new Error(`${broken.invariant} is broken: ${JSON.stringify(broken.violations[0])}`);
		return reports.reduce((sum, { checks }) => sum + checks, 0);
	}
}
