import type { FleetDevice } from '../../harness/ports/index.js';
import { BRIEF, candidate, earlier } from './story-parts.js';
import type { Story } from './tell-story.js';

/** Stories of who is there: many devices that come back at once, a twin, regions that are away. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Power goes everywhere, and is back everywhere at one moment, in a fleet that reports by a timer. */
export const powerBackEverywhere: Story = {
	options: { devices: 60, profiles: ['sensor'], reportEveryMs: 10 * MINUTE_MS, ...BRIEF },
	tell: async ({ fleet, random }) => {
		fleet.armFleet({ kind: 'region-power-cut', afterMs: 1_000 + random.integer(MINUTE_MS), forMs: 10 * MINUTE_MS });
		await fleet.sleep(35 * MINUTE_MS);
		await fleet.ready({ withinMs: HOUR_MS });
	},
};

/** Sensors of two regions. */
const REGIONS = [
	{ hardware: 'sensor-r1', segment: 'north' },
	{ hardware: 'sensor-r1', segment: 'south' },
] as const;

/** A device has a twin for a while: the same name, the same secret. */
export const clonedDevice: Story = {
	options: { devices: 2, profiles: ['sensor'], ...BRIEF },
	tell: async ({ fleet, random }) => {
		fleet.arm(fleet.devices[0] as FleetDevice, { kind: 'cloned-identity', afterMs: 1_000 + random.integer(MINUTE_MS), forMs: 15 * MINUTE_MS });
		await fleet.sleep(20 * MINUTE_MS);
		await fleet.ready({ withinMs: HOUR_MS });
	},
};

/** Devices lose power and come back while the broker still holds their old connections, of whose end it hears late. */
export const rebootBehindADeadConnection: Story = {
	options: { devices: 3, presence: true, ...BRIEF },
	tell: async ({ fleet, random }) => {
		fleet.armFleet({ kind: 'late-wills', afterMs: 1, forMs: 10 * MINUTE_MS, byMs: MINUTE_MS + random.integer(MINUTE_MS) });
		fleet.armFleet({ kind: 'region-power-cut', afterMs: 1_000, forMs: MINUTE_MS / 2 });
		await fleet.sleep(20 * MINUTE_MS);
		await fleet.ready({ withinMs: HOUR_MS });
	},
};

/** A region goes silent and stays so until all is said and done. */
export const regionGoneForGood: Story = {
	options: { devices: 4, places: REGIONS, presence: true, ...BRIEF },
	tell: async ({ fleet, random }) => {
		fleet.armFleet({ kind: 'region-outage', segment: 'north', afterMs: 1_000 + random.integer(MINUTE_MS), forMs: 4 * HOUR_MS, how: 'half-open' });
		await fleet.sleep(HOUR_MS);
	},
};

/** A release is sent and taken back while a region is away: the broker keeps the notices of it for the region's return, when another release is out. */
export const noticesKeptForAReturn: Story = {
	options: { devices: 4, places: REGIONS, sessions: 'lasting', ...BRIEF },
	tell: async ({ fleet, random }) => {
		fleet.armFleet({ kind: 'region-outage', segment: 'north', afterMs: 1_000, forMs: 30 * MINUTE_MS, how: 'reset' });
		await fleet.sleep(2_000);
		const first = await fleet.deploy(earlier(fleet));
		await fleet.sleep(5 * MINUTE_MS + random.integer(MINUTE_MS));
		await fleet.cancel(first, { force: true });
		await fleet.deploy(candidate(fleet));
		await fleet.sleep(30 * MINUTE_MS);
		await fleet.settle({ withinMs: 2 * HOUR_MS });
	},
};
