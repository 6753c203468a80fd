import { BRIEF, candidate, type Choose, deploy, migrating, PACKETS_BEFORE_BLOCKS, SLOW, smaller } from './story-parts.js';
import type { Story } from './tell-story.js';

/** Stories in which the service takes back, repeats, forgets or does not hear, or its broker is gone. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The operator takes a job back while it is under way. */
export const takenBackAfter = (options: Story['options'], afterMs: number): Story => ({
	options,
	tell: async ({ fleet, random }) => {
		const deployment = await fleet.deploy(candidate(fleet));
		await fleet.sleep(afterMs + random.integer(MINUTE_MS / 4));
		await fleet.cancel(deployment, { force: true });
		await fleet.settle({ withinMs: HOUR_MS });
	},
});

/** The service is deaf while devices come back from an image that hangs: they find nobody to tell. */
export const deafService: Story = {
	options: { devices: 3, ...BRIEF },
	tell: async ({ fleet }) => {
		fleet.armService({ kind: 'service-down', afterMs: 7_000, forMs: 5 * MINUTE_MS });
		await deploy(fleet, fleet.releases.behaving('hangs-at-boot'));
		await fleet.sleep(10 * MINUTE_MS);
	},
};

/**
 * A sensor takes two releases over a slow link, and is offered the second once more. From the middle of the first on it hears of
 * that one again and again; in the second it loses its link once.
 */
export const oldNotices: Story = {
	options: { devices: 1, profiles: ['sensor'], link: { ...SLOW, bandwidthBytesPerS: 4_000 }, referenceShare: 0 },
	tell: async ({ fleet, random }) => {
		fleet.armService({ kind: 'job-repeated', afterMs: MINUTE_MS, everyMs: 5_000 + random.integer(2_000), times: 200 });
		await deploy(fleet, smaller(fleet));
		for (const device of fleet.devices) fleet.arm(device, { kind: 'link-reset', after: { messages: PACKETS_BEFORE_BLOCKS + 2 } });
		await deploy(fleet, candidate(fleet));
		await fleet.sleep(10 * MINUTE_MS);
		await deploy(fleet, candidate(fleet));
	},
};

/** The service goes back to a time when the first of these releases was still to be installed. */
export const restoredAfter = (...choices: readonly Choose[]): Story => ({
	options: { devices: 3, ...BRIEF },
	tell: async ({ fleet, random }) => {
		fleet.armService({ kind: 'service-restored', backupAfterMs: 60, afterMs: HOUR_MS, downMs: 5_000 + random.integer(10_000) });
		await fleet.sleep(50);
		for (const choose of choices) await deploy(fleet, choose(fleet));
		await fleet.sleep(2 * HOUR_MS - fleet.nowMs);
		await fleet.settle({ withinMs: HOUR_MS });
	},
});

/** The broker is gone for a while under a fleet that is idle. */
export const brokerGone: Story = {
	options: { devices: 60, ...BRIEF },
	tell: async ({ fleet }) => {
		fleet.armService({ kind: 'broker-restart', afterMs: 1_000, downMs: MINUTE_MS / 2, sessions: 'lost' });
		await fleet.sleep(6 * MINUTE_MS);
		await fleet.ready({ withinMs: HOUR_MS });
	},
};

/** Devices take an update; afterwards the broker is gone for a while. */
export const brokerGoneAfterwards: Story = {
	options: { devices: 6, ...BRIEF },
	tell: async ({ fleet }) => {
		await deploy(fleet, migrating(fleet));
		fleet.armService({ kind: 'broker-restart', afterMs: 1_000, downMs: MINUTE_MS / 2, sessions: 'lost' });
		await fleet.sleep(6 * MINUTE_MS);
		await fleet.ready({ withinMs: HOUR_MS });
	},
};
