import test from 'ava';
import type { FleetDevice, FleetPlace } from '../../harness/ports/index.js';
import type { DeviceExecution } from '../../harness/protocols/index.js';
import { createPresenceBook, openCloud } from '../cloud/index.js';
import type { Agent } from '../device/index.js';
import { HOUR_MS, withFleet } from './fleet.test.support.js';

const MINUTE_MS = 60_000;
const PLACES: readonly FleetPlace[] = [
	{ hardware: 'sensor-r1', segment: 'north', share: 2 },
	{ hardware: 'meter-r2', segment: 'south' },
];

for (const how of ['reset', 'half-open'] as const) {
	test.serial(
		`a segment that is cut off (${how}) says how many connections that cost, stays away until it is restored, and leaves the others alone`,
		async (t) => {
			await withFleet({ devices: 9, places: PLACES }, async ({ fleet, of }) => {
				const south = fleet.devices.filter(({ hardware }) => hardware === 'meter-r2');
				const north = fleet.devices.filter((device) => !south.includes(device));
				const southMessages = south.map(({ messages }) => messages);
				fleet.armFleet({ kind: 'region-outage', segment: 'north', afterMs: 1_000, forMs: 30 * MINUTE_MS, how });
				// Silence is found by the keepalive, within two intervals of 300 s.
				await fleet.sleep(29 * MINUTE_MS);
				t.deepEqual(
					of('fault-fired').map(({ fault, detail }) => `${fault}: ${detail}`),
					['region-outage: north: 6 connections cut'],
				);
				t.true(north.every(({ state }) => state === 'connecting'));
				t.true(south.every(({ state }) => state === 'idle'));
				t.deepEqual(
					south.map(({ messages }) => messages),
					southMessages,
				);
				t.deepEqual(of('fleet-load'), []);
				await fleet.sleep(5 * MINUTE_MS);
				t.true(fleet.devices.every(({ state }) => state === 'idle'));
				const load = of('fleet-load');
				t.true(load.length > 0);
				for (const { segment, affected, outageMs } of load)
					t.deepEqual({ segment, affected, outageMs }, { segment: 'north', affected: 6, outageMs: 30 * MINUTE_MS });
				t.is(
					load.reduce((sum, { requests }) => sum + requests, 0),
					6 * 2,
					'a report and a look for work of each',
				);
				const peak = of('scenario-evidence').find(({ name }) => name === 'busiest seconds after an outage of 1800 s of north');
				t.regex(String(peak?.value), /^[1-6] dials, [1-9]\d* requests, of 6 devices$/);
			});
		},
	);
}

test.serial('a region loses power at one moment and has it back at one moment; nobody dials at that moment', async (t) => {
	await withFleet({ devices: 60, places: PLACES, referenceShare: 0 }, async ({ fleet, of }) => {
		fleet.armFleet({ kind: 'region-power-cut', segment: 'north', afterMs: 1_000, forMs: 10 * MINUTE_MS });
		await fleet.sleep(5 * MINUTE_MS);
		t.is(fleet.devices.filter(({ state }) => state === 'off').length, 40);
		await fleet.sleep(6 * MINUTE_MS);
		t.is(of('fault-fired')[0]?.detail, 'north: 40 devices lost power');
		const returned = of('device-power').filter(({ power, cause }) => power === 'on' && cause === 'power-loss');
		t.is(returned.length, 40);
		t.is(new Set(returned.map(({ at }) => at)).size, 1);
		t.true(fleet.devices.every(({ state }) => state === 'idle'));
		const dials = of('fleet-load').map(({ connects }) => connects);
		t.is(
			dials.reduce((sum, connects) => sum + connects, 0),
			40,
		);
		t.true(Math.max(...dials) <= 10, `as many as ${Math.max(...dials)} in a second`);
	});
});

test.serial('devices that report by a timer say so at moments of their own, and the busiest second is told when the world closes', async (t) => {
	await withFleet({ devices: 30, reportEveryMs: 10 * MINUTE_MS }, async ({ fleet, of }) => {
		await fleet.sleep(HOUR_MS);
		await fleet.finish();
		const [routine, ...more] = of('fleet-routine');
		t.deepEqual(more, []);
		t.is(routine?.everyMs, 10 * MINUTE_MS);
		t.is(routine?.devices, 30);
		t.true(routine !== undefined && routine.busiest >= 1 && routine.busiest <= 4, `${routine?.busiest} in a second`);
		t.true(routine !== undefined && routine.busiestAt > 0 && routine.busiestAt < routine.at);
	});
});

test.serial('a segment that no place names is refused, by name', async (t) => {
	await withFleet({ devices: 3, places: PLACES }, async ({ fleet, of }) => {
		const error = t.throws(() => fleet.armFleet({ kind: 'region-power-cut', segment: 'west', afterMs: 0, forMs: 1 }), { instanceOf: RangeError });
		t.is(error?.message, "segment: one of north, south was expected, got 'west'");
		t.deepEqual(of('fault-armed'), []);
	});
});

for (const [client, referenceShare] of [
	['mqtt-packet', 0],
	['MQTT.js', 1],
] as const) {
	test.serial(`${client}: a device whose place another client takes backs off, and reports itself when the other is gone`, async (t) => {
		await withFleet({ devices: 2, referenceShare }, async ({ fleet, of }) => {
			const [cloned, other] = fleet.devices as readonly [FleetDevice, FleetDevice];
			const quiet = other.messages;
			fleet.arm(cloned, { kind: 'cloned-identity', afterMs: 1_000, forMs: 30 * MINUTE_MS });
			await fleet.deploy(fleet.releases.candidate(), { devices: [cloned] });
			await fleet.sleep(29 * MINUTE_MS);
			// The clone said again and again that it runs the old version.
			const told = of('service-inventory').filter(({ device }) => device === cloned.id);
			t.true(told.length > 2 && new Set(told.map(({ version }) => version)).size === 2, told.map(({ version }) => version).join());
			await fleet.sleep(3 * MINUTE_MS);
			t.deepEqual(
				of('fault-fired').map(({ fault, device }) => `${fault} ${device}`),
				[`cloned-identity ${cloned.id}`],
			);
			const [contest, ...more] = of('device-contended');
			t.deepEqual(more, []);
			t.true(contest !== undefined && contest.takenBack > 20 && contest.dials < 100, JSON.stringify(contest));
			t.is(cloned.state, 'idle');
			t.is(cloned.outcome, 'updated');
			await fleet.finish();
			t.is(of('device-audit').find(({ device }) => device === cloned.id)?.believedVersion, cloned.version);
			t.is(other.messages, quiet);
		});
	});
}

for (const [client, referenceShare] of [
	['mqtt-packet', 0],
	['MQTT.js', 1],
] as const) {
	test.serial(
		`${client}: the broker says the will of a session that a new one replaced, and late where it is told to; the service goes by the session`,
		async (t) => {
			const heard: string[] = [];
			const listening: typeof openCloud = (options) => {
				const right = createPresenceBook();
				const receive = (thing: string, payload: Uint8Array): void => {
					heard.push(`${Math.floor(options.clock.nowMs / MINUTE_MS)} ${Buffer.from(payload)}`);
					right.receive(thing, payload);
				};
				return openCloud({ ...options, presence: { ...right, receive } });
			};
			await withFleet({ devices: 1, presence: true, referenceShare, replaced: { openCloud: listening } }, async ({ fleet, of }) => {
				fleet.armFleet({ kind: 'late-wills', afterMs: 1, forMs: 2 * MINUTE_MS, byMs: 3 * MINUTE_MS });
				fleet.armFleet({ kind: 'region-power-cut', afterMs: 1, forMs: 10_000 });
				await fleet.sleep(10 * MINUTE_MS);
				const said = (minute: number, state: string, boot: number): string => `${minute} {"state":"${state}","boot":${boot},"connection":1}`;
				t.deepEqual(heard, [said(0, 'online', 1), said(0, 'online', 2), said(3, 'offline', 1)]);
				t.is(of('fault-fired').find(({ fault }) => fault === 'late-wills')?.detail, '1 wills came 180 s late');
				await fleet.finish();
				const [audit] = of('device-audit');
				t.is(audit?.presence?.believed, 'online');
				t.true(audit?.presence?.connected);
			});
		},
	);
}

test.serial('a device that is silent for longer than its keepalive allows is told offline by its will, in time', async (t) => {
	await withFleet({ devices: 2, places: PLACES, presence: true }, async ({ fleet, of }) => {
		fleet.armFleet({ kind: 'region-outage', segment: 'north', afterMs: 1, forMs: 24 * HOUR_MS, how: 'half-open' });
		await fleet.sleep(20 * MINUTE_MS);
		await fleet.finish();
		t.deepEqual(
			of('device-audit').map(({ presence }) => `${presence?.believed} ${presence?.connected}`),
			['offline false', 'online true'],
		);
	});
});

test.serial('where sessions last, the broker keeps the notice of a job for a device that is away', async (t) => {
	for (const sessions of ['lasting', 'clean'] as const) {
		const notices: number[] = [];
		/** Notes which notices bring a job, and does nothing about them. */
		const heedNotice = ({ device }: Agent, execution: DeviceExecution | undefined): void => {
			if (execution !== undefined) notices.push(device.clock.nowMs);
		};
		await withFleet({ devices: 2, places: PLACES, sessions, referenceShare: 0, replaced: { device: { heedNotice } } }, async ({ fleet }) => {
			const [north] = fleet.devices as readonly [FleetDevice];
			fleet.armFleet({ kind: 'region-outage', segment: 'north', afterMs: 1, forMs: 30 * MINUTE_MS, how: 'reset' });
			await fleet.sleep(MINUTE_MS);
			await fleet.deploy(fleet.releases.candidate(), { devices: [north] });
			await fleet.sleep(20 * MINUTE_MS);
			t.deepEqual(notices, [], sessions);
			await fleet.sleep(20 * MINUTE_MS);
			t.is(notices.length, sessions === 'lasting' ? 1 : 0, sessions);
			await fleet.settle({ withinMs: HOUR_MS });
			t.is(north.outcome, 'updated');
		});
	}
});
