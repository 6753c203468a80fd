import test from 'ava';
import { CampaignKilledError, parsePlan } from '../../harness/campaign/index.js';
import { type BlackstartEvent, encodeEvent } from '../../harness/events/index.js';
import type { FleetOptions } from '../../harness/ports/index.js';
import { type OpenFleet, Reducer, type Reduction } from '../../harness/scenario/index.js';
import { openSimulatedFleet } from './index.js';

const HOUR_MS = 3_600_000;
const LOSSY = { latencyMs: 50, jitterMs: 10, bandwidthBytesPerS: 0, lossRatio: 0.05 };

interface Reduced {
	readonly events: readonly BlackstartEvent[];
	readonly reducer: Reducer;
}

/** Six devices, two of them enrolled later, power cuts on the even ones, a service fault, a lossy link; then whatever `body` does. */
const play = async (
	reduction: Reduction | undefined,
	body: (fleet: OpenFleet) => Promise<unknown> = async () => {},
	options: FleetOptions = {},
): Promise<Reduced> => {
	const events: BlackstartEvent[] = [];
	const reducer = new Reducer(reduction);
	const context = {
		seed: 'reduced',
		options: { devices: 4, keys: [] },
		record: (event: BlackstartEvent): void => void events.push(event),
		abort: (error: unknown): never => {
			throw error;
		},
		...(reduction === undefined ? {} : { reducer }),
	};
	const fleet = await openSimulatedFleet(context, { link: LOSSY, ...options });
	try {
		await fleet.ready({ withinMs: HOUR_MS });
		await fleet.enrol(2);
		for (const device of fleet.devices)
			if (Number(device.id.slice(-1)) % 2 === 0) fleet.arm(device, { kind: 'power-cut', moment: { at: 'time', afterMs: 1_000 }, offMs: 500 });
		fleet.armService({ kind: 'service-down', afterMs: 2_000, forMs: 1_000 });
		await body(fleet);
		await fleet.settle({ withinMs: HOUR_MS });
		await fleet.finish();
	} finally {
		await fleet[Symbol.asyncDispose]();
	}
	return { events, reducer };
};

const devicesOf = (events: readonly BlackstartEvent[]): readonly string[] =>
	events.flatMap((event) => (event.kind === 'device-provisioned' ? [event.device.slice(-1)] : []));
const armedOf = (events: readonly BlackstartEvent[]): readonly string[] =>
	events.flatMap((event) => (event.kind === 'fault-armed' ? [`${event.fault} ${event.device?.slice(-1) ?? 'service'}`] : []));

test.serial('a reduction that takes nothing away changes no event, and learns what the case asked for', async (t) => {
	const whole = await play(undefined);
	const { events, reducer } = await play({});
	t.deepEqual(events.map(encodeEvent), whole.events.map(encodeEvent));
	t.deepEqual(reducer.extent, { devices: 6, faults: [0, 2, 4, 6, 0], waves: 0 });
	t.deepEqual(armedOf(events), ['packet-loss service', 'power-cut 2', 'power-cut 4', 'power-cut 6', 'service-down service']);
});

test.serial('devices that are left out are not there, and those that are there keep id, hardware and moment of power-on', async (t) => {
	const whole = await play({});
	const { events, reducer } = await play({ devices: [3, 6] });
	t.deepEqual(devicesOf(events), ['3', '6']);
	t.deepEqual(reducer.extent, { devices: 6, faults: [0, 6, 0], waves: 0 });
	const beginningOf = (all: readonly BlackstartEvent[]): readonly BlackstartEvent[] =>
		all.filter((event) => (event.kind === 'device-provisioned' || (event.kind === 'device-power' && event.at < 40)) && /[36]$/.test(event.device));
	t.deepEqual(beginningOf(events), beginningOf(whole.events));
	t.true(beginningOf(events).length >= 3);
});

test.serial('faults that are left out leave no event: not armed, not fired, no packet lost', async (t) => {
	t.deepEqual(armedOf((await play({ faults: [3] })).events), ['power-cut 4']);
	const { events } = await play({ faults: [] });
	t.deepEqual(armedOf(events), []);
	t.false(events.some(({ kind }) => kind === 'fault-fired' || kind === 'service-stopped'));
});

test.serial('a rollout has as many waves as are kept, the last of them with all the rest', async (t) => {
	const plan = { pilot: 1, waves: [1, 1], maxFailureRatio: 1, waveTimeoutMs: HOUR_MS };
	const rollOut = async (reduction: Reduction): Promise<Reduced> =>
		play({ faults: [], ...reduction }, (fleet) => fleet.rollout(fleet.releases.candidate(), plan));
	const sizes = ({ events }: Reduced): readonly number[] | undefined => events.flatMap((event) => (event.kind === 'rollout-planned' ? [event.waves] : []))[0];
	for (const [waves, expected] of [
		[1, [6]],
		[2, [1, 5]],
		[3, [1, 1, 4]],
		[9, [1, 1, 1, 3]],
	] as const) {
		const reduced = await rollOut({ waves });
		t.deepEqual(sizes(reduced), expected);
		t.is(reduced.reducer.extent.waves, 4, 'what it asked for');
	}
});

const PLAN = parsePlan(
	'name: plan\napprover: Dana Okafor\ninventory: [{ group: all, hardware: sensor-r1, version: 1.0.0 }]\npilot: 1\ndrifted: update\nrollback: none\n',
	{ file: 'plan.yaml' },
);

/** Everything wrong that is asked for without being armed on a device or a service, each after what came before is over. */
const askForWrong = async (fleet: OpenFleet): Promise<void> => {
	for (const release of [fleet.releases.behaving('crashes-at-boot'), fleet.releases.behaving('crashes-at-boot'), fleet.releases.forbidden('hash')]) {
		await fleet.deploy(release);
		await fleet.settle({ withinMs: HOUR_MS });
	}
	const order = { who: 'Ines Haddad', why: 'enough' };
	await fleet.campaign(PLAN, { abort: { afterMs: 1_000, ...order } });
	await fleet.settle({ withinMs: HOUR_MS });
	await fleet.campaign({ ...PLAN, name: 'again' }, { killAfterMs: 1_000 }).catch((error: unknown) => {
		if (!(error instanceof CampaignKilledError)) throw error;
	});
	await fleet.settle({ withinMs: HOUR_MS });
	fleet.rotateKeys({ forged: true });
	await fleet.deploy(fleet.releases.candidate());
};

const OF_RELEASES = ['weak-hardware', 'image-behaviour', 'image-defect', 'campaign-abort', 'controller-kill', 'key-rotation'];

test.serial('wrong releases, weak hardware, kills, aborts and rotated keys are faults too, and what is left out is right in their place', async (t) => {
	const play2 = (reduction: Reduction): Promise<Reduced> => play(reduction, askForWrong, { profiles: ['sensor'], weakRatio: 1 });
	const of = (all: readonly BlackstartEvent[]): readonly string[] => armedOf(all).flatMap((text) => OF_RELEASES.filter((fault) => text.startsWith(fault)));
	const whole = await play2({});
	t.deepEqual(of(whole.events), OF_RELEASES);
	t.deepEqual(whole.reducer.extent.faults, [0, 0, 2, 4, 6, 0, 0, 0, 0, 0, 0]);
	t.deepEqual(of((await play2({ faults: [1, 8, 10] })).events), ['weak-hardware', 'image-defect', 'controller-kill']);
	const { events } = await play2({ faults: [] });
	t.deepEqual(armedOf(events), []);
	t.false(events.some(({ kind }) => kind === 'device-refused' || kind === 'rollout-halted'));
	t.false(events.some((event) => event.kind === 'device-boot' && event.reverted));
});
