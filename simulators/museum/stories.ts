import { TEAR_MODES, type TearMode } from '../../harness/faults/index.js';
import type { FleetDevice, ImageBehaviour, ImageDefect } from '../../harness/ports/index.js';
import { flashedInTheDownload, forged, revokedKey, twoCampaigns } from './intruder-stories.js';
import { BRIEF, candidate, type Choose, deploy, earlier, SLOW, smaller } from './story-parts.js';
import { CLOCK_STORIES } from './clock-stories.js';
import type { Stage, Story } from './tell-story.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const migrating: Choose = ({ releases }) => releases.behaving('migrates-settings');

/** One device of each revision is sent releases, one after the other, with nothing else done to it. */
const sent = (...choices: readonly Choose[]): Story => ({
	options: { devices: 3, ...BRIEF },
	tell: async ({ fleet }) => {
		for (const choose of choices) await deploy(fleet, choose(fleet));
	},
});

const behaving = (behaviour: ImageBehaviour): Story => sent(({ releases }) => releases.behaving(behaviour));
const forbidden = (defect: ImageDefect): Story => sent(({ releases }) => releases.forbidden(defect));

const sentSlowly = (choose: Choose): Story => ({
	options: { devices: 1, profiles: ['sensor'], link: SLOW, referenceShare: 0 },
	tell: ({ fleet }) => deploy(fleet, choose(fleet)),
});

/** The operations that a sensor's update ends with, from the new image's first boot on. */
const LAST_OPERATIONS = 14;

/** One device shows how many flash operations an update takes; the others lose power at the last ones, each at another. */
const cutLate = (choose: Choose, { after, tears }: { readonly after?: Choose; readonly tears: readonly TearMode[] }): Story => ({
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
const PARTIAL: readonly TearMode[] = TEAR_MODES.filter((tear) => tear === 'half' || tear === 'prefix');

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
const cutAfterwards = (...choices: readonly Choose[]): Story => ({
	options: { devices: 3, ...BRIEF },
	tell: async (stage) => {
		for (const choose of choices) await deploy(stage.fleet, choose(stage.fleet));
		await cycle(stage, 4);
		await stage.fleet.ready({ withinMs: HOUR_MS });
	},
});

/** Power goes in one trial boot of a migrating image after the other, until there is no trial left. */
const revertedMigration: Story = {
	options: { devices: 3, ...BRIEF },
	tell: async (stage) => {
		await stage.fleet.deploy(migrating(stage.fleet));
		await stage.fleet.sleep(MINUTE_MS);
		await cycle(stage, 3, { everyMs: 2 * MINUTE_MS });
		await stage.fleet.settle({ withinMs: HOUR_MS });
	},
};

/** Packets that a device receives before the first block: the job, and the broker's receipts for what it said of it. */
const PACKETS_BEFORE_BLOCKS = 4;
/** A block costs a sensor three operations: erase, program, mark. */
const OPERATIONS_PER_BLOCK = 3;
/** Of the seventeen of a download. */
const LATE_BLOCKS = [12, 13, 14] as const;

/** Sensors lose their connection late in a download. */
const linkDrops: Story = {
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
const powerDrops: Story = {
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
const supplySags: Story = {
	options: { devices: 6, profiles: ['sensor'], referenceShare: 0 },
	tell: async (stage) => {
		lateInDownload(stage, (device, operation) => stage.fleet.arm(device, { kind: 'brown-out', operation }));
		await deploy(stage.fleet, candidate(stage.fleet));
	},
};

/** Power goes in a download; while the device is dark its job is taken back, and another release is sent. */
const replacedInTheDark: Story = {
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

/** The operator takes a job back while it is under way. */
const takenBackAfter = (options: Story['options'], afterMs: number): Story => ({
	options,
	tell: async ({ fleet, random }) => {
		const deployment = await fleet.deploy(candidate(fleet));
		await fleet.sleep(afterMs + random.integer(MINUTE_MS / 4));
		await fleet.cancel(deployment, { force: true });
		await fleet.settle({ withinMs: HOUR_MS });
	},
});

/** The service is deaf while devices come back from an image that hangs: they find nobody to tell. */
const deafService: Story = {
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
const oldNotices: Story = {
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
const restoredAfter = (...choices: readonly Choose[]): Story => ({
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
const brokerGone: Story = {
	options: { devices: 60, ...BRIEF },
	tell: async ({ fleet }) => {
		fleet.armService({ kind: 'broker-restart', afterMs: 1_000, downMs: MINUTE_MS / 2, sessions: 'lost' });
		await fleet.sleep(6 * MINUTE_MS);
		await fleet.ready({ withinMs: HOUR_MS });
	},
};

/** Devices take an update; afterwards the broker is gone for a while. */
const brokerGoneAfterwards: Story = {
	options: { devices: 6, ...BRIEF },
	tell: async ({ fleet }) => {
		await deploy(fleet, migrating(fleet));
		fleet.armService({ kind: 'broker-restart', afterMs: 1_000, downMs: MINUTE_MS / 2, sessions: 'lost' });
		await fleet.sleep(6 * MINUTE_MS);
		await fleet.ready({ withinMs: HOUR_MS });
	},
};

/** Power goes everywhere, and is back everywhere at one moment, in a fleet that reports by a timer. */
const powerBackEverywhere: Story = {
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
const clonedDevice: Story = {
	options: { devices: 2, profiles: ['sensor'], ...BRIEF },
	tell: async ({ fleet, random }) => {
		fleet.arm(fleet.devices[0] as FleetDevice, { kind: 'cloned-identity', afterMs: 1_000 + random.integer(MINUTE_MS), forMs: 15 * MINUTE_MS });
		await fleet.sleep(20 * MINUTE_MS);
		await fleet.ready({ withinMs: HOUR_MS });
	},
};

/** Devices lose power and come back while the broker still holds their old connections, of whose end it hears late. */
const rebootBehindADeadConnection: Story = {
	options: { devices: 3, presence: true, ...BRIEF },
	tell: async ({ fleet, random }) => {
		fleet.armFleet({ kind: 'late-wills', afterMs: 1, forMs: 10 * MINUTE_MS, byMs: MINUTE_MS + random.integer(MINUTE_MS) });
		fleet.armFleet({ kind: 'region-power-cut', afterMs: 1_000, forMs: MINUTE_MS / 2 });
		await fleet.sleep(20 * MINUTE_MS);
		await fleet.ready({ withinMs: HOUR_MS });
	},
};

/** A region goes silent and stays so until all is said and done. */
const regionGoneForGood: Story = {
	options: { devices: 4, places: REGIONS, presence: true, ...BRIEF },
	tell: async ({ fleet, random }) => {
		fleet.armFleet({ kind: 'region-outage', segment: 'north', afterMs: 1_000 + random.integer(MINUTE_MS), forMs: 4 * HOUR_MS, how: 'half-open' });
		await fleet.sleep(HOUR_MS);
	},
};

/** A release is sent and taken back while a region is away: the broker keeps the notices of it for the region's return, when another release is out. */
const noticesKeptForAReturn: Story = {
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

/** A release goes out to six devices, in waves behind gates. */
const rolledOut = (choose: Choose, { rollback = false }: { readonly rollback?: boolean } = {}): Story => ({
	options: { devices: 6, ...BRIEF },
	tell: async ({ fleet }) => {
		await fleet.rollout(choose(fleet), { pilot: 2, waves: [2], maxFailureRatio: 0.1, waveTimeoutMs: 2 * HOUR_MS, rollback });
		await fleet.settle({ withinMs: 2 * HOUR_MS });
	},
});

/** A release that is bad on one revision is taken back from a fleet in which half of each revision had an update before. */
const mixedRolloutTakenBack: Story = {
	options: { devices: 6, profiles: ['sensor', 'gateway'], ...BRIEF },
	tell: async ({ fleet }) => {
		const { releases, devices } = fleet;
		await deploy(fleet, releases.candidate({ revocable: true }), devices.slice(0, 3));
		await fleet.rollout(partlyBad(fleet), { pilot: devices.length, waves: [], maxFailureRatio: 0.1, waveTimeoutMs: 2 * HOUR_MS, rollback: true });
		await fleet.settle({ withinMs: 2 * HOUR_MS });
	},
};

/** The devices of a pilot say nothing, one way or the other, before the wave's time is over. */
const silentPilot: Story = {
	options: { devices: 6, ...BRIEF },
	tell: async ({ fleet }) => {
		await fleet.rollout(fleet.releases.behaving('forgets-to-confirm'), { pilot: 2, waves: [2], maxFailureRatio: 0.1, waveTimeoutMs: 5 * MINUTE_MS });
		await fleet.settle({ withinMs: 2 * HOUR_MS });
	},
};

/** Bad on the hardware of the fleet's first device alone. */
const partlyBad: Choose = ({ releases, devices: [first] }) => releases.behaving('fails-self-test', { onlyOn: (first as FleetDevice).hardware });

/** Every story that is told in the museum, by name. */
export const STORIES = {
	'healthy-update': sent(candidate),
	'short-last-block': sent(earlier),
	'migrating-update': sent(migrating),
	'two-updates': sent(earlier, candidate),
	'same-release-twice': sent(candidate, candidate),
	'sent-back': sent(candidate, ({ releases }) => releases.installed()),
	'release-that-crashes': behaving('crashes-at-boot'),
	'release-that-hangs': behaving('hangs-at-boot'),
	'release-that-fails-its-test': behaving('fails-self-test'),
	'release-without-network': behaving('cannot-connect'),
	'release-that-forgets-to-confirm': behaving('forgets-to-confirm'),
	'crash-over-a-slow-link': sentSlowly(({ releases }) => releases.behaving('crashes-at-boot')),
	'unsigned-image': forbidden('unsigned'),
	'image-of-an-unknown-key': forbidden('unknown-key'),
	'image-with-a-broken-signature': forbidden('signature'),
	'image-with-a-flipped-bit': forbidden('payload-bit'),
	'image-of-a-changed-version': forbidden('version'),
	'image-for-other-hardware': forbidden('other-hardware'),
	'image-with-an-unmet-dependency': forbidden('dependency-not-met'),
	'older-image': forbidden('downgrade'),
	'error-page-in-place-of-an-image': cutAfterwards(({ releases }) => releases.forbidden('html-page')),
	'image-larger-than-the-slot': cutAfterwards(candidate, ({ releases }) => releases.forbidden('too-large')),
	'power-cycles-afterwards': cutAfterwards(candidate),
	'power-lost-late': cutLate(candidate, { tears: PARTIAL }),
	'power-lost-late-in-a-second-update': cutLate(candidate, { after: earlier, tears: PARTIAL }),
	'power-lost-late-in-a-migration': cutLate(migrating, { tears: PARTIAL }),
	'power-loss-that-leaves-unreadable-words': cutLate(migrating, { tears: ['unreadable'] }),
	'migration-that-is-reverted': revertedMigration,
	'power-lost-in-the-download': powerDrops,
	'link-lost-in-the-download': linkDrops,
	'supply-sags-in-the-download': supplySags,
	'job-replaced-in-the-dark': replacedInTheDark,
	'job-cancelled-in-the-download': takenBackAfter(
		{ devices: 2, profiles: ['sensor'], link: { ...SLOW, bandwidthBytesPerS: 500 }, referenceShare: 0 },
		MINUTE_MS / 2,
	),
	'job-cancelled-in-the-trial': takenBackAfter({ devices: 3, referenceShare: 0 }, MINUTE_MS),
	'deaf-service': deafService,
	'old-notices': oldNotices,
	'service-restored-after-an-update': restoredAfter(candidate),
	'service-restored-to-an-older-job': restoredAfter(earlier, candidate),
	'broker-gone': brokerGone,
	'broker-gone-afterwards': brokerGoneAfterwards,
	'power-back-everywhere': powerBackEverywhere,
	'cloned-device': clonedDevice,
	'reboot-behind-a-dead-connection': rebootBehindADeadConnection,
	'region-gone-for-good': regionGoneForGood,
	'notices-kept-for-a-return': noticesKeptForAReturn,
	...CLOCK_STORIES,
	'good-rollout': rolledOut(candidate),
	'bad-rollout': rolledOut(({ releases }) => releases.behaving('fails-self-test')),
	'rollout-taken-back': rolledOut(partlyBad, { rollback: true }),
	'mixed-rollout-taken-back': mixedRolloutTakenBack,
	'silent-pilot': silentPilot,
	'revoked-key': revokedKey,
	'two-campaigns-at-once': twoCampaigns,
	'slot-flashed-in-the-download': flashedInTheDownload,
	'success-of-another': forged('success'),
	'report-of-another': forged('report'),
	'image-that-is-two': forbidden('mix-and-match'),
	'counter-far-ahead': forbidden('fast-forward'),
} as const satisfies Readonly<Record<string, Story>>;

export type StoryName = keyof typeof STORIES;

export const STORY_NAMES = Object.keys(STORIES) as readonly StoryName[];
