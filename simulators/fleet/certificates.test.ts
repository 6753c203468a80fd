import test from 'ava';
import { HOUR_MS, withFleet } from './fleet.test.support.js';

const DAY_MS = 24 * HOUR_MS;
const ONE = { devices: 1, profiles: ['sensor'], referenceShare: 0.01 } as const;
const OUTAGE = { kind: 'broker-restart', afterMs: 1, downMs: 60_000, sessions: 'lost' } as const;

test.serial('without certificates asked for nothing of them is in a world', (t) =>
	withFleet({ ...ONE }, async ({ fleet, events }) => {
		fleet.arm(fleet.devices[0] as (typeof fleet.devices)[number], { kind: 'clock-jump', afterMs: 1, toEpochMs: 0 });
		await fleet.sleep(DAY_MS);
		fleet.armService(OUTAGE);
		await fleet.sleep(2 * HOUR_MS);
		await fleet.ready({ withinMs: HOUR_MS });
		t.false(events.some(({ kind }) => kind === 'device-handshake-failed' || kind === 'device-settings-changed'));
	}),
);

test.serial('a device renews its certificate when a third of its life is left, once, and beside its other settings', (t) =>
	withFleet({ ...ONE, certificates: { deviceDays: 6 } }, async ({ fleet, of }) => {
		await fleet.sleep(3.5 * DAY_MS);
		t.is(of('device-settings-changed').length, 0);
		await fleet.sleep(1.5 * DAY_MS);
		t.is(of('device-settings-changed').length, 1);
		// The first one has run out by now.
		await fleet.sleep(2 * DAY_MS);
		fleet.armService(OUTAGE);
		await fleet.sleep(2 * HOUR_MS);
		await fleet.ready({ withinMs: HOUR_MS });
		await fleet.finish();
		t.is(of('device-handshake-failed').length, 0);
		t.is(of('device-audit')[0]?.settings, of('device-settings-changed').at(-1)?.settings);
	}),
);

test.serial('a device whose certificate has run out is not let in, says so once, and never resets for it', (t) =>
	withFleet({ ...ONE, certificates: { deviceDays: 1 } }, async ({ fleet, of }) => {
		fleet.arm(fleet.devices[0] as (typeof fleet.devices)[number], { kind: 'power-cut', moment: { at: 'time', afterMs: 1 }, offMs: 2 * DAY_MS });
		await fleet.sleep(4 * DAY_MS);
		t.deepEqual(
			of('device-handshake-failed').map(({ reason }) => reason),
			["the device's certificate is expired"],
		);
		t.is(fleet.devices[0]?.boots, 2);
		t.is(fleet.devices[0]?.state, 'connecting');
	}),
);

for (const timeSource of [true, false]) {
	test.serial(
		`a device whose floor is older than the service's certificate ${timeSource ? 'asks for the time and connects' : 'cannot connect where nobody tells it the time'}`,
		(t) =>
			withFleet({ ...ONE, certificates: { serverDays: 3, timeSource } }, async ({ fleet, of }) => {
				fleet.arm(fleet.devices[0] as (typeof fleet.devices)[number], { kind: 'power-cut', moment: { at: 'time', afterMs: 1 }, offMs: 5 * DAY_MS });
				await fleet.sleep(5 * DAY_MS + HOUR_MS);
				const [failed] = of('device-handshake-failed');
				t.is(failed?.reason, "the service's certificate is not yet valid");
				t.is(failed?.clock.slice(0, 10), '2026-01-01');
				t.is(fleet.devices[0]?.state, timeSource ? 'idle' : 'connecting');
				t.is(of('device-handshake-failed').length, 1);
			}),
	);
}

test.serial('a renewal waits until a trial has ended, so that a revert takes nothing back', (t) =>
	withFleet({ ...ONE, certificates: { deviceDays: 6 } }, async ({ fleet, of }) => {
		// The third that is left begins in the trial, and so does the look for it at each connection.
		await fleet.sleep(4 * DAY_MS - 90_000 - (fleet.nowMs % 1_000));
		await fleet.deploy(fleet.releases.behaving('forgets-to-confirm'));
		await fleet.sleep(10 * 60_000);
		const [trial] = of('device-boot').filter((event) => event.trial);
		t.truthy(trial);
		fleet.armService(OUTAGE);
		await fleet.settle({ withinMs: HOUR_MS });
		await fleet.finish();
		const back = of('device-boot').find(({ reverted }) => reverted);
		const [renewed] = of('device-settings-changed');
		t.true((renewed?.at ?? 0) > (back?.at ?? Number.POSITIVE_INFINITY));
		t.is(of('device-audit')[0]?.settings, renewed?.settings);
	}),
);

test.serial('certificates that hold for no time are no option', async (t) => {
	await t.throwsAsync(() => withFleet({ ...ONE, certificates: { deviceDays: 0 } }, async () => {}), {
		instanceOf: RangeError,
		message: 'certificates.deviceDays: days above 0 were expected, got 0',
	});
});
