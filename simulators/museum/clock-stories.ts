import type { FleetPort } from '../../harness/ports/index.js';
import { BRIEF } from './story-parts.js';
import type { Story } from './tell-story.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const update = async (fleet: FleetPort): Promise<void> => {
	await fleet.deploy(fleet.releases.candidate());
	await fleet.settle({ withinMs: HOUR_MS });
};

/** Power goes and comes back; devices without a battery for their clock find themselves in 1970, and no time server answers. */
const clockAt1970: Story = {
	options: { devices: 3, ...BRIEF, certificates: { timeSource: false } },
	tell: async ({ fleet, random }) => {
		for (const device of fleet.devices)
			fleet.arm(device, { kind: 'power-cut', moment: { at: 'time', afterMs: 1_000 + random.integer(30_000) }, offMs: 10 * MINUTE_MS });
		await fleet.sleep(15 * MINUTE_MS);
		await update(fleet);
	},
};

/** The clocks of devices jump to where 32 bits of seconds end, and their connections drop in the download. */
const clockAt2106: Story = {
	options: { devices: 3, referenceShare: 0, certificates: {} },
	tell: async ({ fleet, random }) => {
		for (const device of fleet.devices) {
			fleet.arm(device, { kind: 'clock-jump', afterMs: 100, toEpochMs: 2 ** 32 * 1_000 });
			fleet.arm(device, { kind: 'link-reset', after: { messages: 11 + random.integer(3) } });
		}
		await update(fleet);
	},
};

/** Certificates of a day; after a day and a half everybody connects anew, and there is an update. */
const certificatesRunOut: Story = {
	options: { devices: 3, ...BRIEF, certificates: { deviceDays: 1 } },
	tell: async ({ fleet }) => {
		await fleet.sleep(36 * HOUR_MS);
		fleet.armService({ kind: 'broker-restart', afterMs: 1_000, downMs: MINUTE_MS / 2, sessions: 'lost' });
		await fleet.sleep(2 * MINUTE_MS);
		await update(fleet);
	},
};

/** A job that is good for a day waits for devices that are dark for two: the service still offers it. */
const staleJob: Story = {
	options: { devices: 3, ...BRIEF, certificates: {} },
	tell: async ({ fleet }) => {
		for (const device of fleet.devices) fleet.arm(device, { kind: 'power-cut', moment: { at: 'time', afterMs: 1_000 }, offMs: 48 * HOUR_MS });
		await fleet.sleep(MINUTE_MS);
		await fleet.deploy(fleet.releases.candidate(), { expiresAfterMs: 24 * HOUR_MS });
		await fleet.sleep(49 * HOUR_MS);
		await fleet.settle({ withinMs: HOUR_MS });
	},
};

/** The same job, of a service that somebody has taken over: it says that the job is good for a year. */
const prolongedJob: Story = {
	...staleJob,
	tell: async (stage) => {
		stage.fleet.armService({ kind: 'statement-changed', afterMs: 1, forMs: 60 * HOUR_MS, how: 'prolonged' });
		await staleJob.tell(stage);
	},
};

/** Stories of clocks and certificates. */
export const CLOCK_STORIES = {
	'clock-at-1970': clockAt1970,
	'clock-at-2106': clockAt2106,
	'certificates-run-out': certificatesRunOut,
	'stale-job': staleJob,
	'prolonged-job': prolongedJob,
} as const satisfies Readonly<Record<string, Story>>;
