import test from 'ava';
import type { FleetPlace } from '../../harness/ports/index.js';
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
