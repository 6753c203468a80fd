import test from 'ava';
import type { BlackstartEvent } from '../../harness/events/index.js';
import type { FleetPort } from '../../harness/ports/index.js';
import { describeDifference, type FleetSetup, HOUR_MS, withFleet } from './fleet.test.support.js';

interface Course {
	readonly title: string;
	readonly options?: FleetSetup;
	readonly run: (fleet: FleetPort) => Promise<unknown>;
}

const SLOW = { latencyMs: 50, jitterMs: 20, bandwidthBytesPerS: 8_000, lossRatio: 0 };

/** What the same agent goes through over either client. */
const COURSES: readonly Course[] = [
	{ title: 'a healthy update', run: (fleet) => fleet.deploy(fleet.releases.candidate()) },
	{
		title: 'an update over a link that loses packets',
		options: { link: { ...SLOW, lossRatio: 0.05 } },
		run: (fleet) => fleet.deploy(fleet.releases.candidate()),
	},
	{
		title: 'links that are reset at a message',
		options: { link: SLOW },
		run: async (fleet) => {
			for (const [index, device] of fleet.devices.entries()) fleet.arm(device, { kind: 'link-reset', after: { messages: index * 3 } });
			await fleet.deploy(fleet.releases.candidate());
		},
	},
	{
		title: 'links that fall silent at a message',
		options: { link: SLOW },
		run: async (fleet) => {
			for (const [index, device] of fleet.devices.entries()) fleet.arm(device, { kind: 'link-half-open', after: { messages: index * 3 } });
			await fleet.deploy(fleet.releases.candidate());
		},
	},
	{
		title: 'power cuts at flash operations',
		options: { link: SLOW },
		run: async (fleet) => {
			for (const [index, device] of fleet.devices.entries())
				fleet.arm(device, { kind: 'power-cut', moment: { at: 'operation', operation: index * 6, tear: 'half' }, offMs: 1_000 });
			await fleet.deploy(fleet.releases.candidate());
		},
	},
	{
		title: 'power cuts at messages',
		options: { link: SLOW },
		run: async (fleet) => {
			for (const [index, device] of fleet.devices.entries())
				fleet.arm(device, { kind: 'power-cut', moment: { at: 'message', message: index * 3 }, offMs: 1_000 });
			await fleet.deploy(fleet.releases.candidate());
		},
	},
	{
		title: 'a broker that restarts and a service that goes deaf',
		options: { link: SLOW },
		run: async (fleet) => {
			fleet.armService({ kind: 'broker-restart', afterMs: 2_000, downMs: 5_000, sessions: 'lost' });
			fleet.armService({ kind: 'service-down', afterMs: 20_000, forMs: 60_000 });
			await fleet.deploy(fleet.releases.candidate());
			await fleet.sleep(90_000);
		},
	},
	{ title: 'an image that is refused', run: (fleet) => fleet.deploy(fleet.releases.forbidden('signature')) },
	{ title: 'an image that is reverted', run: (fleet) => fleet.deploy(fleet.releases.behaving('fails-self-test')) },
	{ title: 'an image that cannot connect', run: (fleet) => fleet.deploy(fleet.releases.behaving('cannot-connect')) },
];

const DEVICES = 6;

/** What happened to each device and what the service holds of it, in order and without the times. */
const storiesOf = async ({ options, run }: Course, referenceShare: number): Promise<ReadonlyMap<string, readonly string[]>> =>
	withFleet({ devices: DEVICES, ...options, referenceShare }, async ({ fleet, events }) => {
		await run(fleet);
		await fleet.settle({ withinMs: 12 * HOUR_MS });
		await fleet.finish();
		const stories = new Map<string, string[]>();
		for (const event of events) {
			if (!('device' in event) || event.device === undefined) continue;
			const source = event.kind.startsWith('service-') ? 'the service' : event.device;
			const name = source === event.device ? source : `${source} on ${event.device}`;
			stories.set(name, [...(stories.get(name) ?? []), `${JSON.stringify(timeless(event))}\n`]);
		}
		return stories;
	});

/** Bytes received differ by acknowledgements that overtake one another; everything else is the agent's own doing. */
const timeless = (event: BlackstartEvent): object => {
	const { at: _, bytesReceived: __, ...rest } = { at: 0, bytesReceived: 0, ...event };
	return rest;
};

for (const course of COURSES) {
	test.serial(`the agent behaves the same over MQTT.js and over the light client: ${course.title}`, async (t) => {
		const reference = await storiesOf(course, 1);
		const light = await storiesOf(course, 0.0001);
		t.is(reference.size, 2 * DEVICES);
		t.deepEqual([...reference.keys()].sort(), [...light.keys()].sort());
		for (const [name, story] of reference) {
			const difference = describeDifference(story, light.get(name) ?? []);
			t.is(difference, undefined, `${name}: ${difference}`);
		}
	});
}
