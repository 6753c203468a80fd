import { type FleetPlace, type FleetPort, scenario } from '../harness/index.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const PLACES: readonly FleetPlace[] = [
	{ hardware: 'sensor-r1', segment: 'north' },
	{ hardware: 'meter-r2', segment: 'south' },
];

const stragglersOf = (fleet: FleetPort): string =>
	fleet.devices
		.filter(({ outcome }) => outcome !== 'updated')
		.map(({ id, state, outcome }) => `${id} ${state}, ${outcome}`)
		.join('; ');

scenario(
	'a device whose name and secret another client uses takes its update, backs off, and is itself again when the other is gone',
	{ needs: ['fleet', 'update', 'network'] },
	async ({ openFleet, expect }) => {
		const fleet = await openFleet({ devices: 6, harnessImages: true, referenceShare: 0.5 });
		await fleet.ready({ withinMs: HOUR_MS });
		for (const device of fleet.devices.slice(0, 4)) fleet.arm(device, { kind: 'cloned-identity', afterMs: 1_000, forMs: 20 * MINUTE_MS });
		await fleet.deploy(fleet.releases.candidate());
		await fleet.sleep(25 * MINUTE_MS);
		await fleet.settle({ withinMs: HOUR_MS });
		await fleet.ready({ withinMs: HOUR_MS });
		const late = stragglersOf(fleet);
		expect(late === '', `every device was to be updated; these were not: ${late}`);
	},
);

scenario(
	'the last will of a dead connection that comes after the device is back does not make it offline',
	{ needs: ['fleet', 'network', 'power', 'service'] },
	async ({ openFleet, expect }) => {
		const fleet = await openFleet({ devices: 6, harnessImages: true, places: PLACES, presence: true, referenceShare: 0.5 });
		await fleet.ready({ withinMs: HOUR_MS });
		fleet.armFleet({ kind: 'late-wills', afterMs: 1, forMs: 15 * MINUTE_MS, byMs: 2 * MINUTE_MS });
		// Back before the broker finds the old connections dead: the new ones take their place.
		fleet.armFleet({ kind: 'region-power-cut', segment: 'north', afterMs: 1_000, forMs: MINUTE_MS });
		fleet.armFleet({ kind: 'region-outage', segment: 'south', afterMs: 1_000, forMs: 12 * MINUTE_MS, how: 'half-open' });
		await fleet.sleep(40 * MINUTE_MS);
		expect(
			fleet.devices.every(({ state }) => state === 'idle'),
			'every device was to be back',
		);
	},
);

scenario(
	'notices that the broker kept for a region that was away, of a release that was halted meanwhile, have no effect',
	{ needs: ['fleet', 'update', 'network'] },
	async ({ openFleet, expect }) => {
		const fleet = await openFleet({ devices: 8, harnessImages: true, places: PLACES, sessions: 'lasting', referenceShare: 0.25 });
		await fleet.ready({ withinMs: HOUR_MS });
		fleet.armFleet({ kind: 'region-outage', segment: 'north', afterMs: 1_000, forMs: HOUR_MS, how: 'reset' });
		await fleet.sleep(2_000);
		const halted = fleet.releases.behaving('healthy');
		const { outcome } = await fleet.rollout(halted, { pilot: 4, waves: [], maxFailureRatio: 0, waveTimeoutMs: 20 * MINUTE_MS });
		expect(outcome === 'halted', `a wave with silent devices was to halt the rollout, it ended ${outcome}`);
		await fleet.deploy(fleet.releases.candidate());
		await fleet.sleep(HOUR_MS);
		await fleet.settle({ withinMs: HOUR_MS });
		const late = stragglersOf(fleet);
		expect(late === '', `every device was to take the next release; these did not: ${late}`);
		const north = fleet.devices.filter(({ hardware }) => hardware === 'sensor-r1');
		expect(
			north.every(({ boots }) => boots === 2),
			'a device that was away was to boot once more, into the next release',
		);
	},
);
