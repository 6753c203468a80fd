import { type FleetFault, type FleetPlace, type FleetPort, scenario } from '../harness/index.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Two regions; the north is the larger one, large enough that a herd would show. */
const PLACES: readonly FleetPlace[] = [
	{ hardware: 'sensor-r1', segment: 'north', share: 3 },
	{ hardware: 'meter-r2', segment: 'south' },
];
const DEVICES = 24;

const stragglersOf = (fleet: FleetPort): string =>
	fleet.devices
		.filter(({ outcome }) => outcome !== 'updated')
		.slice(0, 10)
		.map(({ id, state, outcome }) => `${id} ${state}, ${outcome}`)
		.join('; ');

const FAULTS: Readonly<Record<string, FleetFault>> = {
	'a region whose connections are reset, and whose dials are refused for ten minutes': {
		kind: 'region-outage',
		segment: 'north',
		afterMs: 1_000,
		forMs: 10 * MINUTE_MS,
		how: 'reset',
	},
	'a region that goes silent for twenty minutes': { kind: 'region-outage', segment: 'north', afterMs: 1_000, forMs: 20 * MINUTE_MS, how: 'half-open' },
	'a region that loses power for ten minutes': { kind: 'region-power-cut', segment: 'north', afterMs: 1_000, forMs: 10 * MINUTE_MS },
};

for (const [title, fault] of Object.entries(FAULTS)) {
	scenario(`${title} comes back gently and takes its update`, { needs: ['fleet', 'update', 'network'] }, async ({ openFleet, expect }) => {
		const fleet = await openFleet({
			devices: DEVICES,
			harnessImages: true,
			places: PLACES,
			link: { latencyMs: 50, jitterMs: 20, bandwidthBytesPerS: 20_000, lossRatio: 0 },
		});
		await fleet.ready({ withinMs: HOUR_MS });
		fleet.armFleet(fault);
		await fleet.deploy(fleet.releases.candidate());
		await fleet.sleep(fault.afterMs + fault.forMs + 3 * MINUTE_MS);
		await fleet.settle({ withinMs: 6 * HOUR_MS });
		const late = stragglersOf(fleet);
		expect(late === '', `every device was to be updated; these were not: ${late}`);
	});
}

scenario(
	'power that is back everywhere at one moment leaves no device in step with the others',
	{ needs: ['fleet', 'power', 'network', 'virtual-time'] },
	async ({ openFleet, expect }) => {
		const fleet = await openFleet({ devices: DEVICES, harnessImages: true, places: PLACES, reportEveryMs: 15 * MINUTE_MS });
		await fleet.ready({ withinMs: HOUR_MS });
		fleet.armFleet({ kind: 'region-power-cut', afterMs: 1_000, forMs: HOUR_MS });
		await fleet.sleep(2 * HOUR_MS);
		await fleet.ready({ withinMs: HOUR_MS });
		expect(
			fleet.devices.every(({ boots }) => boots === 2),
			'every device was to boot once more',
		);
	},
);
