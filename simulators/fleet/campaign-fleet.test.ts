import test from 'ava';
import { CampaignKilledError, type CampaignPlatform, createMemoryStore, parsePlan } from '../../harness/campaign/index.js';
import type { FleetDevice, FleetOptions } from '../../harness/ports/index.js';
import { type FleetRun, HOUR_MS, withFleet } from './fleet.test.support.js';

const PLAN = parsePlan('name: looked-at\ninventory: [{ group: all, hardware: sensor-r1, version: 1.0.0 }]\npilot: 1\n', { file: 'plan.yaml' });

/** Opens a fleet and gives the platform that its campaigns are carried out on. */
const withPlatform = (options: FleetOptions, body: (platform: CampaignPlatform, run: FleetRun) => Promise<void>): Promise<void> => {
	let seen: CampaignPlatform | undefined;
	const carryOut = async ({ platform }: { readonly platform: CampaignPlatform }): Promise<never> => {
		seen = platform;
		return { outcome: 'completed' } as never;
	};
	return withFleet({ ...options, replaced: { carryOut } }, async (run) => {
		await run.fleet.campaign(PLAN);
		await body(seen as CampaignPlatform, run);
	});
};

test.serial('devices report what campaigns check them by, and where they stand', (t) =>
	withPlatform(
		{
			devices: 3,
			places: [
				{ hardware: 'gateway-r3', segment: 'north' },
				{ hardware: 'display-r7', devices: ['hall-1', 'hall-2'] },
			],
		},
		async (platform) => {
			const entries = platform.inventory();
			t.deepEqual(
				entries.map(({ device, hardware, model, segment, peripherals, freeSlotBytes }) => ({ device, hardware, model, segment, peripherals, freeSlotBytes })),
				[
					{ device: 'device-00003', hardware: 'gateway-r3', model: 'gateway', segment: 'north', peripherals: ['ethernet', 'modem'], freeSlotBytes: 131_072 },
					{ device: 'hall-1', hardware: 'display-r7', model: 'display-r7', segment: undefined, peripherals: [], freeSlotBytes: 65_536 },
					{ device: 'hall-2', hardware: 'display-r7', model: 'display-r7', segment: undefined, peripherals: [], freeSlotBytes: 65_536 },
				],
			);
			for (const entry of entries) t.deepEqual(platform.entryOf(entry.device), entry);
			t.is(platform.entryOf('nobody'), undefined);
		},
	),
);

test.serial('an installed version of one’s own is what devices run, and the candidate is newer', (t) =>
	withPlatform({ devices: 1, profiles: ['sensor'], installed: { version: '4.2.1', securityCounter: 3 } }, async (platform, { fleet }) => {
		t.is(platform.entryOf('device-00001')?.version, '4.2.1+0');
		t.is(fleet.releases.candidate().version, '5.0.0+0');
	}),
);

test.serial('without an interval devices report after connections alone', (t) =>
	withPlatform({ devices: 1, profiles: ['sensor'] }, async (platform, { fleet }) => {
		const before = platform.entryOf('device-00001')?.reportedEpochMs;
		await fleet.sleep(12 * HOUR_MS);
		t.is(platform.entryOf('device-00001')?.reportedEpochMs, before);
	}),
);

for (const { behaviour, shows } of [
	{ behaviour: 'healthy', shows: ({ warmer, lostBytes }: { warmer: number; lostBytes: number }) => Math.abs(warmer) < 3 && lostBytes === 0 },
	{ behaviour: 'overheats', shows: ({ warmer, lostBytes }: { warmer: number; lostBytes: number }) => warmer >= 33 && lostBytes === 0 },
	{ behaviour: 'leaks-memory', shows: ({ warmer, lostBytes }: { warmer: number; lostBytes: number }) => Math.abs(warmer) < 3 && lostBytes > 15_000 },
] as const) {
	test.serial(`the telemetry of an image that is ${behaviour} shows it after four hours`, (t) =>
		withPlatform({ devices: 1, profiles: ['sensor'], reportEveryMs: 600_000 }, async (platform, { fleet }) => {
			const before = platform.entryOf('device-00001')?.health;
			await fleet.deploy(fleet.releases.behaving(behaviour));
			await fleet.settle({ withinMs: HOUR_MS });
			t.is(fleet.devices[0]?.outcome, 'updated');
			await fleet.sleep(4 * HOUR_MS - (fleet.nowMs % HOUR_MS));
			const entry = platform.entryOf('device-00001');
			t.true((entry?.reportedEpochMs ?? 0) > Date.UTC(2026, 0, 1) + fleet.nowMs - 700_000);
			const warmer = (entry?.health?.temperatureC ?? 0) - (before?.temperatureC ?? 0);
			const lostBytes = (before?.freeMemoryBytes ?? 0) - (entry?.health?.freeMemoryBytes ?? 0);
			t.true(shows({ warmer, lostBytes }), `${warmer} °C warmer, ${lostBytes} bytes lost`);
		}),
	);
}

test.serial('an image that leaks memory crashes in the end, and again', (t) =>
	withPlatform({ devices: 1, profiles: ['sensor'] }, async (_platform, { fleet, of }) => {
		await fleet.deploy(fleet.releases.behaving('leaks-memory'));
		await fleet.sleep(18 * HOUR_MS);
		t.is(of('device-boot').filter(({ cause, trial }) => cause === 'crash' && !trial).length, 2);
	}),
);

test.serial('weak devices fail the self-test of a good image and go back to the old one', (t) =>
	withPlatform({ devices: 40, weakRatio: 0.25 }, async (_platform, { fleet }) => {
		await fleet.deploy(fleet.releases.candidate());
		await fleet.settle({ withinMs: 4 * HOUR_MS });
		const reverted = fleet.devices.filter(({ outcome }) => outcome === 'reverted');
		t.true(reverted.length >= 4 && reverted.length <= 18, `${reverted.length} reverted`);
		t.is(fleet.devices.filter(({ outcome }) => outcome === 'updated').length, 40 - reverted.length);
		for (const { reportedReason } of reverted) t.is(reportedReason, 'reverted: self-test-failed');
	}),
);

test.serial('what is taken back goes back to what each device ran before, whatever it left the factory with and whoever controls it by then', (t) =>
	withFleet({ devices: 6, places: [{ hardware: 'sensor-r1' }, { hardware: 'gateway-r3' }] }, async ({ fleet, of }) => {
		const before = fleet.releases.candidate({ revocable: true });
		const isGateway = ({ hardware }: FleetDevice): boolean => hardware === 'gateway-r3';
		await fleet.deploy(before, { devices: fleet.devices.slice(0, 3) });
		await fleet.settle({ withinMs: HOUR_MS });
		const ran = new Map(fleet.devices.map(({ id, version }) => [id, version]));
		t.deepEqual(
			fleet.devices.filter(isGateway).map(({ version }) => version),
			[before.version, '1.0.0+0', '1.0.0+0'],
		);
		const release = fleet.releases.behaving('crashes-at-boot', { onlyOn: 'sensor-r1' });
		const store = createMemoryStore();
		const plan = parsePlan(
			'name: back\napprover: Dana Okafor\ninventory: [{ group: sensors, hardware: sensor-r1, version: 1.0.0 }, { group: gateways, hardware: gateway-r3, version: 1.0.0 }]\ndrifted: update\npilot: 6\nsoak: 10m\ngates: { failures: 10% }\nrollback: at-once\n',
			{ file: 'plan.yaml' },
		);
		await t.throwsAsync(fleet.campaign(plan, { release, store, killAfterMs: 4 * 60_000 }), { instanceOf: CampaignKilledError });
		t.true(
			fleet.devices.some((device) => isGateway(device) && device.version === release.version),
			'some had taken it when the first controller was killed',
		);
		const { outcome, sentBack, notReturned } = await fleet.campaign(plan, { release, store });
		t.deepEqual([outcome, sentBack, notReturned], ['rolled-back', 3, []]);
		await fleet.settle({ withinMs: HOUR_MS });
		t.deepEqual(new Map(fleet.devices.map(({ id, version }) => [id, version])), ran);
		const back = of('rollout-rolled-back').map(({ release: name, devices }) => `${name} ${devices}`);
		t.deepEqual(back.sort(), ['candidate-revocable 1', 'installed 2']);
	}),
);
