import { TEAR_MODES, type TearMode } from '../../harness/faults/index.js';
import type { FleetDevice } from '../../harness/ports/index.js';
import { BRIEF, candidate, type Choose, deploy, migrating, PACKETS_BEFORE_BLOCKS } from './story-parts.js';
import type { Stage, Story } from './tell-story.js';

/** Stories in which power, supply or link is lost in the middle of something. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The operations that a sensor's update ends with, from the new image's first boot on. */
const LAST_OPERATIONS = 14;

/** One device shows how many flash operations an update takes; the others lose power at the last ones, each at another. */
export const cutLate = (choose: Choose, { after, tears }: { readonly after?: Choose; readonly tears: readonly TearMode[] }): Story => ({
	options: { devices: 1 + LAST_OPERATIONS, profiles: ['sensor'], ...BRIEF },
	tell: async ({ fleet, random }) => {
		if (after !== undefined) await deploy(fleet, after(fleet));
		const release = choose(fleet);
		const [first, ...others] = fleet.devices as readonly [FleetDevice, ...FleetDevice[]];
		const before = first.flashOperations;
		await deploy(fleet, release, [first]);
		const operations = first.flashOperations - before;
		for (const [index, device] of others.entries()) {
			const moment = { at: 'operation', operation: operations - 1 - index, tear: random.pick(tears), tearSeed: random.integer(1_000) } as const;
			fleet.arm(device, { kind: 'power-cut', moment, offMs: MINUTE_MS });
		}
		await deploy(fleet, release, others);
	},
});

/** Tears that leave an erase begun and a write in part. */
export const PARTIAL: readonly TearMode[] = TEAR_MODES.filter((tear) => tear === 'half' || tear === 'prefix');

/** Power goes again and again, a few minutes apart, at any moment of half a minute. */
const cycle = async ({ fleet, random }: Stage, times: number, { everyMs = 5 * MINUTE_MS } = {}): Promise<void> => {
	for (let time = 0; time < times; time++) {
		for (const device of fleet.devices) {
			fleet.arm(device, { kind: 'power-cut', moment: { at: 'time', afterMs: 1_000 + random.integer(30_000) }, offMs: MINUTE_MS });
		}
		await fleet.sleep(everyMs);
	}
};

/** Devices take updates, and then lose power while they run them: the revision with the most trials has three. */
export const cutAfterwards = (...choices: readonly Choose[]): Story => ({
	options: { devices: 3, ...BRIEF },
	tell: async (stage) => {
		for (const choose of choices) await deploy(stage.fleet, choose(stage.fleet));
		await cycle(stage, 4);
		await stage.fleet.ready({ withinMs: HOUR_MS });
	},
});

/** Power goes in one trial boot of a migrating image after the other, until there is no trial left. */
export const revertedMigration: Story = {
	options: { devices: 3, ...BRIEF },
	tell: async (stage) => {
		await stage.fleet.deploy(migrating(stage.fleet));
		await stage.fleet.sleep(MINUTE_MS);
		await cycle(stage, 3, { everyMs: 2 * MINUTE_MS });
		await stage.fleet.settle({ withinMs: HOUR_MS });
	},
};

/** A block costs a sensor three operations: erase, program, mark. */
const OPERATIONS_PER_BLOCK = 3;
/** Of the seventeen of a download. */
const LATE_BLOCKS = [12, 13, 14] as const;

/** Sensors lose their connection late in a download. */
export const linkDrops: Story = {
	options: { devices: 4, profiles: ['sensor'], referenceShare: 0 },
	tell: async ({ fleet, random }) => {
		for (const device of fleet.devices) fleet.arm(device, { kind: 'link-reset', after: { messages: PACKETS_BEFORE_BLOCKS + random.pick(LATE_BLOCKS) } });
		await deploy(fleet, candidate(fleet));
	},
};

/** Arms a fault at each sort of operation of a sensor's download, late in it. */
const lateInDownload = ({ fleet, random }: Stage, arm: (device: FleetDevice, operation: number) => void): void => {
	for (const [index, device] of fleet.devices.entries()) arm(device, OPERATIONS_PER_BLOCK * random.pick(LATE_BLOCKS) + (index % OPERATIONS_PER_BLOCK));
};

/** Sensors lose power late in a download. */
export const powerDrops: Story = {
	options: { devices: 6, profiles: ['sensor'], referenceShare: 0 },
	tell: async (stage) => {
		const { fleet, random } = stage;
		lateInDownload(stage, (device, operation) => {
			fleet.arm(device, { kind: 'power-cut', moment: { at: 'operation', operation, tear: random.pick(PARTIAL) }, offMs: MINUTE_MS });
		});
		await deploy(fleet, candidate(fleet));
	},
};

/** The supply of sensors sags late in a download. */
export const supplySags: Story = {
	options: { devices: 6, profiles: ['sensor'], referenceShare: 0 },
	tell: async (stage) => {
		lateInDownload(stage, (device, operation) => stage.fleet.arm(device, { kind: 'brown-out', operation }));
		await deploy(stage.fleet, candidate(stage.fleet));
	},
};

/** Power goes in a download; while the device is dark its job is taken back, and another release is sent. */
export const replacedInTheDark: Story = {
	options: { devices: 3, profiles: ['sensor'], referenceShare: 0 },
	tell: async (stage) => {
		const { fleet } = stage;
		lateInDownload(stage, (device, operation) => {
			fleet.arm(device, { kind: 'power-cut', moment: { at: 'operation', operation, tear: 'after' }, offMs: 10 * MINUTE_MS });
		});
		const deployment = await fleet.deploy(candidate(fleet));
		await fleet.sleep(5 * MINUTE_MS);
		await fleet.cancel(deployment, { force: true });
		await deploy(fleet, migrating(fleet));
	},
};
