import test from 'ava';
import { createContained } from '../../invariants/index.js';
import type { DeviceHealth } from '../campaign-service.js';
import type { Course } from '../scripted-service.js';
import { FAILS, fleet, type Given, HOUR_MS, MINUTE_MS, NEVER, NIGHT, planWith, play, sentOrder, SUCCEEDS, WELL } from './play-campaign.test.support.js';

test.serial('a plan is carried out wave by wave, every decision told before anything is sent', async (t) => {
	const played = await play();
	const { outcome, events, said } = played;
	t.like(outcome, { outcome: 'completed', succeeded: 12, failed: 0, untouched: 0, reached: 12, approver: 'Dana Okafor' });
	t.deepEqual(
		outcome.waves.map(({ devices }) => devices),
		[3, 3, 6],
	);
	t.is(said('approved')[0]?.who, 'Dana Okafor');
	t.is(said('device-started').length, 12);
	t.true(said('device-started').every(({ digest }) => digest?.startsWith('v2-')));
	t.is(said('device-succeeded').length, 12);
	t.is(said('restore-tried').length, 2);
	t.deepEqual(said('gate-go').length, 3);
	const kinds = events.map((event) => (event.kind === 'campaign-decision' ? event.what : event.kind));
	t.true(kinds.indexOf('approved') < kinds.indexOf('settings-backed-up'));
	t.true(kinds.indexOf('restore-tried') < kinds.indexOf('device-started'));
	t.is(kinds.at(-1), 'rollout-ended');
});

test.serial('the least critical go first, each hardware of a class before its second', async (t) => {
	const played = await play({ devices: 24 });
	const entries = new Map(fleet(24).map((entry) => [entry.device, entry]));
	const ranks = sentOrder(played).map((device) => {
		const entry = entries.get(device);
		return entry?.hardware === 'gateway' ? 2 : entry?.segment === 'a' ? 0 : 1;
	});
	t.deepEqual(ranks, [...ranks].sort());
});

for (const approver of [undefined, '', '   '] as const) {
	test.serial(`without a named approver (${JSON.stringify(approver) ?? 'no key'}) nothing goes out`, async (t) => {
		const { approver: _, ...rest } = planWith();
		const { outcome, platform, said } = await play({ plan: approver === undefined ? rest : { ...rest, approver } });
		t.is(outcome.outcome, 'refused');
		t.regex(outcome.reason ?? '', /no named person approved it/);
		t.deepEqual(platform.service.deployed, []);
		t.is(said('refused').length, 1);
	});
}

test.serial('devices are started in their window alone, and not where an update would not fit its rest', async (t) => {
	// 03:35 in Berlin: 25 minutes are left.
	const { outcome, platform, said } = await play({ plan: planWith(...NIGHT), start: '2026-01-10T02:35Z' });
	t.is(outcome.outcome, 'completed');
	const at = platform.service.deployed.map(({ atMs }) => new Date(Date.parse('2026-01-10T02:35Z') + atMs).toISOString());
	t.is(at[0], '2026-01-11T01:00:00.000Z');
	for (const instant of at) t.true(instant.slice(11, 16) >= '01:00' && instant.slice(11, 16) <= '02:30', instant);
	t.is(said('wave-started').length, 3);
});

test.serial('a device that is at work when its window closes is let finish, and named once', async (t) => {
	const script = (device: string) => ({ takesMs: device === 'd-001' ? 3 * HOUR_MS : 5 * MINUTE_MS, ends: 'succeeded' }) as const;
	const { outcome, said } = await play({ plan: planWith(...NIGHT, 'deviceTimeout: 8h', 'pilot: 12', 'waves: []'), start: '2026-01-10T00:00Z', script });
	t.like(outcome, { outcome: 'completed', succeeded: 12, overran: ['d-001'] });
	t.is(said('window-overrun').length, 1);
	const free = await play({ plan: planWith('deviceTimeout: 8h'), script });
	t.deepEqual(free.outcome.overran, []);
});

test.serial('a window is kept over the change to summer time', async (t) => {
	// On 29 March 2026 02:00 in Berlin is 03:00 at once: the window is 01:00Z to 02:00Z, half as long.
	const { platform } = await play({ plan: planWith(...NIGHT, 'soak: 22h'), start: '2026-03-27T12:00Z' });
	const days = platform.service.deployed.map(({ atMs }) => new Date(Date.parse('2026-03-27T12:00Z') + atMs).toISOString());
	t.deepEqual(days, ['2026-03-28T01:00:00.000Z', '2026-03-29T01:00:00.000Z', '2026-03-30T00:00:00.000Z']);
});

test.serial('each group keeps its own window', async (t) => {
	const plan = planWith(
		'windows:',
		'  - { groups: [gateways], from: 10:00, to: 12:00, timeZone: UTC }',
		'  - { groups: [sensors-a, sensors-b], from: 20:00, to: 22:00, timeZone: UTC }',
	);
	const { platform } = await play({ plan });
	for (const { devices, atMs } of platform.service.deployed) {
		const hour = Math.floor(atMs / HOUR_MS) % 24;
		const gateways = devices.filter((device) => Number(device.slice(2)) % 3 === 0);
		t.is(gateways.length, hour >= 10 && hour < 12 ? devices.length : 0);
		if (gateways.length === 0) t.true(hour >= 20 && hour < 22);
	}
});

test.serial('too many failures halt it, and nobody after that is reached', async (t) => {
	const played = await play({ script: () => FAILS, devices: 30 });
	t.like(played.outcome, { outcome: 'halted', haltedAtWave: 0, reached: 3, failed: 3, untouched: 27 });
	t.is(sentOrder(played).length, 3);
	t.regex(played.outcome.reason ?? '', /wave 0: .* failed/);
	const contained = createContained();
	for (const event of played.events) contained.observe(event);
	t.deepEqual(contained.finish().violations, []);
});

test.serial('silence is not success: a device that never ends is stuck by name, then counts as failed', async (t) => {
	const { outcome, said } = await play({
		script: (device) => (device === 'd-001' || device === 'd-002' ? NEVER : SUCCEEDS),
		devices: 9,
		plan: planWith('pilot: 9'),
	});
	t.is(outcome.outcome, 'halted');
	t.deepEqual([...outcome.stuck].sort(), ['d-001', 'd-002']);
	t.deepEqual(
		said('device-stuck')
			.map(({ device }) => device)
			.sort(),
		['d-001', 'd-002'],
	);
	t.is(said('device-silent').length, 2);
	t.is(outcome.waves[0]?.silent, 2);
});

test.serial('an updated device that reports no more is silent as well', async (t) => {
	const plan = planWith('gates: { failures: 20%, silence: 30m }', 'soak: 2h');
	const { outcome } = await play({ plan, health: (_, updated) => (updated === undefined ? WELL : 'silent') });
	t.is(outcome.outcome, 'halted');
	t.is(outcome.waves[0]?.silent, 3);
	t.is((await play({ plan, health: () => WELL })).outcome.outcome, 'completed');
});

/** What an image does to a device's health over time, and the bound that shows it. */
const SICK: readonly (readonly [title: string, bound: string, sick: (forMs: number) => DeviceHealth, reason: RegExp])[] = [
	['a temperature over the bound', 'temperatureC: 60', () => ({ ...WELL, temperatureC: 61 }), /at most 60 °C/],
	['a temperature that drifts up', 'temperatureRiseC: 10', (forMs) => ({ ...WELL, temperatureC: 30 + (forMs / HOUR_MS) * 8 }), /at most 10 °C more/],
	['errors that add up', 'errors: 3', (forMs) => ({ ...WELL, errors: Math.floor(forMs / (20 * MINUTE_MS)) }), /at most 3 errors since/],
	['watchdog resets', 'watchdogResets: 0', () => ({ ...WELL, watchdogResets: 1 }), /at most 0 watchdog resets/],
	[
		'memory that leaks',
		'memoryLossPerHour: 1KiB',
		(forMs) => ({ ...WELL, freeMemoryBytes: 20_000 - (forMs / HOUR_MS) * 2_000 }),
		/at most 1024 bytes of memory lost per hour were expected, got 2000/,
	],
	[
		'flash that wears',
		'flashErasesPerDay: 2',
		(forMs) => ({ ...WELL, flashErases: Math.floor(forMs / (6 * HOUR_MS)) }),
		/at most 2 erases of one flash sector per day were expected, got 4/,
	],
	[
		'a certificate that is not renewed',
		'certificateDays: 7',
		(forMs) => ({ ...WELL, certificateDaysLeft: 7 - Math.floor(forMs / (12 * HOUR_MS)) }),
		/a certificate that holds for 7 days or more was expected, got 6/,
	],
];

for (const [title, bound, sick, reason] of SICK) {
	test.serial(`${title} halts the campaign in the soak, although every update succeeded`, async (t) => {
		const plan = planWith(`gates: { failures: 20%, health: { ${bound} } }`, 'soak: 13h');
		const { outcome, said } = await play({ plan, health: (_, updated) => (updated === undefined ? WELL : sick(updated.forMs)) });
		t.like(outcome, { outcome: 'halted', haltedAtWave: 0, succeeded: 3, reached: 3 });
		t.regex(said('device-unhealthy')[0]?.why ?? '', reason);
		t.is((await play({ plan, health: () => WELL })).outcome.outcome, 'completed');
	});
}

test.serial('what shows after days passes every wave, and is caught where all that was updated is watched for days', async (t) => {
	const health: Given['health'] = (_, updated) => ({ ...WELL, temperatureC: 30 + (updated?.forMs ?? 0) / (24 * HOUR_MS) });
	const keys = ['gates: { failures: 20%, health: { temperatureRiseC: 5 } }', 'soak: 4h'];
	t.is((await play({ plan: planWith(...keys), health })).outcome.outcome, 'completed');
	const { outcome, endedMs } = await play({ plan: planWith(...keys, 'watch: 10d'), health });
	t.like(outcome, { outcome: 'halted', haltedAtWave: 2, reached: 12 });
	t.true(endedMs > 5 * 24 * HOUR_MS && endedMs < 6 * 24 * HOUR_MS, `${endedMs}`);
	const short = await play({ plan: planWith(...keys, 'watch: 1h'), health });
	t.deepEqual(
		short.said('soak-started').map(({ why }) => why),
		Array.from({ length: 3 }, () => 'all devices have ended; watched for 14400 s'),
	);
});

test.serial('a share of unhealthy devices that the plan allows does not halt it', async (t) => {
	const plan = planWith('gates: { failures: 20%, health: { temperatureC: 60, unhealthy: 40% } }', 'soak: 1h');
	const { outcome } = await play({ plan, health: (device) => ({ ...WELL, temperatureC: device === 'd-001' ? 80 : 30 }) });
	t.is(outcome.outcome, 'completed');
});

test.serial('after a halt what had succeeded is taken back, and those that do not return are named', async (t) => {
	const script = (device: string, name: string): Course => {
		if (name === 'v1') return device === 'd-001' ? FAILS : SUCCEEDS;
		return Number(device.slice(2)) % 2 === 0 ? FAILS : SUCCEEDS;
	};
	const { outcome, platform, said } = await play({ plan: planWith('rollback: at-once', 'pilot: 12'), script });
	t.like(outcome, { outcome: 'rolled-back', succeeded: 6, failed: 6, sentBack: 6 });
	const back = platform.service.deployed.filter(({ release }) => release === 'v1').flatMap(({ devices }) => devices);
	t.is(new Set(back).size, 6);
	t.deepEqual(
		outcome.notReturned.map(({ device }) => device),
		['d-001'],
	);
	t.is(said('device-sent-back').length, 6);
});

test.serial('a rollback may wait for its windows, and takes in those that take the release late', async (t) => {
	const plan = planWith(...NIGHT, 'rollback: in-windows', 'pilot: 12');
	const script = (device: string, name: string): Course => {
		if (name === 'v1') return SUCCEEDS;
		const index = Number(device.slice(2));
		return index < 6 ? FAILS : { takesMs: index < 9 ? MINUTE_MS : 100 * MINUTE_MS, ends: 'succeeded' };
	};
	const { outcome, platform } = await play({ plan, script, start: '2026-01-10T02:20Z' });
	t.like(outcome, { outcome: 'rolled-back', sentBack: 6, notReturned: [] });
	const back = platform.service.deployed.filter(({ release }) => release === 'v1');
	for (const { atMs } of back) {
		const time = new Date(Date.parse('2026-01-10T02:20Z') + atMs).toISOString().slice(11, 16);
		t.true(time >= '01:00' && time <= '02:30', time);
	}
});

test.serial('settings that cannot be backed up keep their device out; a restore that fails stops everything', async (t) => {
	const lost = await play({ backUp: (device) => (device === 'd-004' ? { problem: 'unreadable' } : { digest: 'x' }) });
	t.regex(lost.outcome.leftOut.find(({ device }) => device === 'd-004')?.reason ?? '', /could not be backed up: unreadable/);
	t.is(lost.outcome.succeeded, 11);
	const failed = await play({ tryRestore: () => ({ problem: 'the password is missing' }) });
	t.is(failed.outcome.outcome, 'refused');
	t.regex(failed.outcome.reason ?? '', /restored on a staging device.*the password is missing/);
	t.deepEqual(failed.platform.service.deployed, []);
});

test.serial('after a halt, devices that had not begun are spared', async (t) => {
	const script = (device: string): Course => (Number(device.slice(2)) < 6 ? FAILS : { beginsMs: HOUR_MS, ends: 'succeeded' });
	const { outcome } = await play({ plan: planWith('pilot: 12'), script });
	t.like(outcome, { outcome: 'halted', reached: 6, untouched: 6 });
});
