import { type CampaignPlan, createMemoryStore, type FleetDevice, type FleetPlace, type FleetPort, parsePlan, scenario } from '../harness/index.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Two plants, each with a gateway for every three other devices. */
const PLACES: readonly FleetPlace[] = [
	{ hardware: 'sensor-r1', segment: 'north', share: 2 },
	{ hardware: 'meter-r2', segment: 'south', share: 2 },
	{ hardware: 'gateway-r3', segment: 'north' },
	{ hardware: 'gateway-r3', segment: 'south' },
];

const INVENTORY = `
inventory:
  - { group: sensors, model: sensor, hardware: sensor-r1, version: 1.0.0, segment: north, criticality: low }
  - { group: meters, model: meter, hardware: meter-r2, version: 1.0.0, segment: south, criticality: medium }
  - { group: gateways, model: gateway, hardware: gateway-r3, version: 1.0.0, criticality: high }
`;

/** A plan for those plants; `lines` are keys of its own. */
const planOf = (name: string, ...lines: readonly string[]): CampaignPlan =>
	parsePlan(
		[`name: ${name}`, 'approver: Dana Okafor', ...(lines.some((line) => line.startsWith('inventory')) ? [] : [INVENTORY]), 'updateTakes: 20m', ...lines].join(
			'\n',
		),
		{ file: `${name}.yaml` },
	);

const IN_WAVES = ['pilot: 4', 'waves: [40%]', 'gates: { failures: 10% }'] as const;

const versionsOf = (fleet: FleetPort): readonly (string | null)[] => [...new Set(fleet.devices.map(({ version }) => version))];

const namesOf = (devices: readonly FleetDevice[]): string => devices.map(({ id }) => id).join(', ');

scenario(
	'a plan is carried out: least critical first, and every gateway before what depends on it',
	{ needs: ['fleet', 'update'] },
	async ({ openFleet, expect, evidence }) => {
		const fleet = await openFleet({ devices: 24, harnessImages: true, places: PLACES });
		await fleet.ready({ withinMs: HOUR_MS });
		const plan = planOf('plan-carried-out', ...IN_WAVES, 'dependencies: [{ first: gateways, then: meters }]');
		const release = fleet.releases.candidate();
		const { outcome, jobs, waves } = await fleet.campaign(plan, { release });
		await fleet.settle({ withinMs: HOUR_MS });
		evidence('waves', waves.length);
		expect(outcome === 'completed', `the campaign was to complete, it ended ${outcome}`);
		expect(
			fleet.devices.every(({ version }) => version === release.version),
			`every device was to run ${release.version}, got ${versionsOf(fleet).join(', ')}`,
		);
		const jobOf = new Map(jobs.map((job) => [job.device, job]));
		const hardwareOf = new Map(fleet.devices.map(({ id, hardware }) => [id, hardware]));
		expect(
			waves.length === 3 && jobs.slice(0, 4).every(({ device }) => hardwareOf.get(device) === 'sensor-r1'),
			'the pilot was to be four sensors, the least critical',
		);
		// Places are dealt out in turn: of six devices the last two are the gateways, north then south.
		const southGateways = fleet.devices.filter(({ hardware }) => hardware === 'gateway-r3').filter((_, index) => index % 2 === 1);
		const gatewaysEndedMs = Math.max(...southGateways.map(({ id }) => jobOf.get(id)?.endedEpochMs ?? Number.POSITIVE_INFINITY));
		const early = fleet.devices.filter(({ id, hardware }) => hardware === 'meter-r2' && (jobOf.get(id)?.sentEpochMs ?? 0) < gatewaysEndedMs);
		expect(early.length === 0, `meters were to wait for the gateways of the south, these did not: ${namesOf(early)}`);
	},
);

scenario('without a named approver nothing goes out', { needs: ['fleet', 'update', 'virtual-time'] }, async ({ openFleet, expect }) => {
	const fleet = await openFleet({ devices: 12, harnessImages: true, places: PLACES });
	await fleet.ready({ withinMs: HOUR_MS });
	const before = fleet.devices.map(({ messages }) => messages);
	const { approver: _unnamed, ...plan } = planOf('no-approver', ...IN_WAVES);
	const { outcome, reason } = await fleet.campaign(plan);
	await fleet.sleep(2 * HOUR_MS);
	expect(outcome === 'refused', `the campaign was to be refused, it ended ${outcome}`);
	expect(reason?.includes('approved') ?? false, `the refusal was to name the missing approval, got ${reason}`);
	const reached = fleet.devices.filter(({ version, messages }, index) => version !== fleet.releases.installed().version || messages !== before[index]);
	expect(reached.length === 0, `no device was to hear of it, these did: ${namesOf(reached)}`);
});

scenario('drift from the baseline is reported before anything is sent, and stays out', { needs: ['fleet', 'update'] }, async ({ openFleet, expect }) => {
	const fleet = await openFleet({ devices: 12, harnessImages: true, places: PLACES });
	await fleet.ready({ withinMs: HOUR_MS });
	const [sensor, meter] = fleet.devices;
	const plan = planOf(
		'drift',
		...IN_WAVES,
		'inventory:',
		`  - { group: known, hardware: ${sensor?.hardware}, version: 1.2.0, devices: [${sensor?.id}] }`,
		`  - { group: moved, hardware: ${meter?.hardware}, version: 1.0.0, segment: elsewhere, devices: [${meter?.id}] }`,
		'  - { group: sensors, hardware: sensor-r1, version: 1.0.0 }',
		'  - { group: meters, hardware: meter-r2, version: 1.0.0 }',
	);
	const { outcome, drift, leftOut } = await fleet.campaign(plan);
	await fleet.settle({ withinMs: HOUR_MS });
	const told = drift.map(({ device, what }) => `${device} ${what}`);
	expect(outcome === 'completed', `the campaign was to complete for the others, it ended ${outcome}`);
	for (const wanted of [`${sensor?.id} version`, `${meter?.id} segment`])
		expect(told.includes(wanted), `the drift '${wanted}' was to be reported, got ${told.join('; ')}`);
	for (const device of fleet.devices) {
		const isOut = device === sensor || device === meter || device.hardware === 'gateway-r3';
		expect(leftOut.some((one) => one.device === device.id) === isOut, `${device.id} was ${isOut ? '' : 'not '}to be left out`);
		expect(
			(device.version === fleet.releases.installed().version) === isOut,
			`${device.id} was ${isOut ? 'not ' : ''}to be updated, it runs ${device.version}`,
		);
	}
});

scenario(
	'a maintenance window is kept over the change to summer time',
	{ needs: ['fleet', 'update', 'virtual-time'] },
	async ({ openFleet, expect, evidence }) => {
		const fleet = await openFleet({ devices: 12, harnessImages: true, places: PLACES, startEpochMs: Date.parse('2026-03-28T12:00Z') });
		await fleet.ready({ withinMs: HOUR_MS });
		// In Berlin the clock goes from 02:00 to 03:00 on 29 March: the window of that night is from 01:00 to 02:00 UTC, and an hour long.
		const plan = planOf(
			'summer-time',
			'pilot: 4',
			'waves: [4]',
			'soak: 35m',
			'gates: { failures: 10% }',
			'windows: [{ from: 02:00, to: 04:00, timeZone: Europe/Berlin }]',
		);
		const { outcome, jobs } = await fleet.campaign(plan);
		await fleet.settle({ withinMs: HOUR_MS });
		const starts = [...new Set(jobs.map(({ sentEpochMs }) => new Date(sentEpochMs).toISOString().slice(0, 16)))];
		evidence('starts', starts.join(', '));
		expect(outcome === 'completed' && jobs.length === 12, `twelve devices were to be updated, ${jobs.length} were, and it ended ${outcome}`);
		for (const { device, sentEpochMs } of jobs) {
			const isFirstNight = sentEpochMs < Date.parse('2026-03-29T12:00Z');
			const [opens, closes] = isFirstNight ? ['2026-03-29T01:00Z', '2026-03-29T02:00Z'] : ['2026-03-30T00:00Z', '2026-03-30T02:00Z'];
			const fits = sentEpochMs >= Date.parse(opens) && sentEpochMs <= Date.parse(closes) - 20 * MINUTE_MS;
			expect(fits, `${device} was to start from ${opens} on, with 20 minutes left to ${closes}; it did at ${new Date(sentEpochMs).toISOString()}`);
		}
	},
);

for (const { behaviour, bound } of [
	{ behaviour: 'overheats', bound: 'temperatureRiseC: 15' },
	{ behaviour: 'leaks-memory', bound: 'memoryLossPerHour: 1KiB' },
] as const) {
	scenario(
		`an image that ${behaviour.replaceAll('-', ' ')} after it confirmed itself is halted by its health gate, and taken back`,
		{ needs: ['fleet', 'update'] },
		async ({ openFleet, expect, evidence }) => {
			const fleet = await openFleet({ devices: 18, harnessImages: true, places: PLACES, reportEveryMs: 15 * MINUTE_MS });
			await fleet.ready({ withinMs: HOUR_MS });
			const plan = planOf('health-gate', 'pilot: 4', 'waves: [40%]', 'soak: 4h', `gates: { failures: 10%, health: { ${bound} } }`, 'rollback: at-once');
			const { outcome, reached, reason, sentBack } = await fleet.campaign(plan, { release: fleet.releases.behaving(behaviour) });
			await fleet.settle({ withinMs: 12 * HOUR_MS });
			evidence('devices reached', reached);
			expect(outcome === 'rolled-back' && (reason?.includes('unhealthy') ?? false), `the health gate was to halt it, it ended ${outcome}: ${reason}`);
			expect(reached === 4 && sentBack === 4, `the pilot of 4 was to be reached and sent back, ${reached} were reached and ${sentBack} sent back`);
			expect(
				fleet.devices.every(({ version }) => version === fleet.releases.installed().version),
				`every device was to run the old image, got ${versionsOf(fleet).join(', ')}`,
			);
		},
	);
}

scenario(
	'devices that go dark after their update halt the campaign: silence is not success',
	{ needs: ['fleet', 'update', 'power', 'virtual-time'] },
	async ({ openFleet, expect }) => {
		const fleet = await openFleet({ devices: 12, harnessImages: true, places: PLACES, reportEveryMs: 10 * MINUTE_MS });
		await fleet.ready({ withinMs: HOUR_MS });
		for (const device of fleet.devices) fleet.arm(device, { kind: 'power-cut', moment: { at: 'time', afterMs: 30 * MINUTE_MS }, offMs: 3 * HOUR_MS });
		const plan = planOf('silence', ...IN_WAVES.slice(0, 2), 'soak: 2h', 'gates: { failures: 10%, silence: 45m }', 'rollback: none');
		const { outcome, reached, waves } = await fleet.campaign(plan);
		await fleet.sleep(4 * HOUR_MS);
		expect(outcome === 'halted', `silence was to halt the campaign, it ended ${outcome}`);
		// Each device reports at a moment of its own: the gate closes over the first ones that are missed.
		const silent = waves[0]?.silent ?? 0;
		expect(reached === 4 && silent > 0, `the pilot of 4 was to fall silent and nobody else to be reached; ${silent} were silent, of ${reached} reached`);
	},
);

scenario(
	'devices that never finish are named as stuck, and halt the campaign',
	{ needs: ['fleet', 'update', 'power', 'virtual-time'] },
	async ({ openFleet, expect }) => {
		const fleet = await openFleet({ devices: 12, harnessImages: true, places: PLACES });
		await fleet.ready({ withinMs: HOUR_MS });
		const sensors = fleet.devices.filter(({ hardware }) => hardware === 'sensor-r1').slice(0, 2);
		for (const sensor of sensors) fleet.arm(sensor, { kind: 'power-cut', moment: { at: 'time', afterMs: 5_000 }, offMs: 8 * HOUR_MS });
		const plan = planOf('stuck', 'pilot: 4', 'gates: { failures: 10% }', 'stuckAfter: 1h', 'deviceTimeout: 3h', 'rollback: none');
		const { outcome, stuck } = await fleet.campaign(plan);
		await fleet.sleep(12 * HOUR_MS);
		const missed = sensors.filter(({ id }) => !stuck.includes(id));
		expect(outcome === 'halted', `the campaign was to halt, it ended ${outcome}`);
		expect(missed.length === 0 && stuck.length === sensors.length, `${namesOf(sensors)} were to be named as stuck, got ${stuck.join(', ')}`);
	},
);

scenario(
	'a release that is bad on one hardware revision is taken back from all by a rollback campaign',
	{ needs: ['fleet', 'update'] },
	async ({ openFleet, expect, evidence }) => {
		const fleet = await openFleet({ devices: 18, harnessImages: true, places: PLACES });
		await fleet.ready({ withinMs: HOUR_MS });
		const release = fleet.releases.behaving('crashes-at-boot', { onlyOn: 'meter-r2' });
		const plan = planOf('taken-back', 'order: any', 'pilot: 6', 'waves: [50%]', 'gates: { failures: 10% }', 'rollback: at-once');
		const { outcome, sentBack, notReturned } = await fleet.campaign(plan, { release });
		await fleet.settle({ withinMs: 12 * HOUR_MS });
		evidence('devices sent back', sentBack);
		expect(outcome === 'rolled-back' && notReturned.length === 0, `it was to be rolled back from all, it ended ${outcome} with ${notReturned.length} left`);
		const left = fleet.devices.filter(({ version }) => version !== fleet.releases.installed().version);
		expect(sentBack > 0 && left.length === 0, `no device was to be left on the bad release, these are: ${namesOf(left)}`);
	},
);

for (const killAfterMs of [90_000, 20 * MINUTE_MS, 45 * MINUTE_MS]) {
	scenario(
		`a controller killed after ${killAfterMs / 1_000} seconds is followed by another, and no device is updated twice`,
		{ needs: ['fleet', 'update'] },
		async ({ openFleet, expect }) => {
			const fleet = await openFleet({ devices: 18, harnessImages: true, places: PLACES });
			await fleet.ready({ withinMs: HOUR_MS });
			const plan = planOf('killed', ...IN_WAVES, 'soak: 20m');
			const release = fleet.releases.candidate();
			const store = createMemoryStore();
			const code = await fleet.campaign(plan, { release, store, killAfterMs }).then(
				() => 'none',
				(error: { readonly code?: string }) => error.code,
			);
			expect(code === 'campaign-killed', `the controller was to be killed, got ${code}`);
			const untouched = fleet.devices.filter(({ boots }) => boots === 1).length;
			expect(untouched > 0, 'the controller was to be killed before it had reached every device');
			await fleet.sleep(10 * MINUTE_MS);
			const { outcome, jobs } = await fleet.campaign(plan, { release, store });
			await fleet.settle({ withinMs: HOUR_MS });
			expect(outcome === 'completed' && jobs.length === fleet.devices.length, `every device was to be updated, ${jobs.length} were, and it ended ${outcome}`);
			// One boot from the factory, one into the new image.
			const twice = fleet.devices.filter(({ boots, version }) => boots !== 2 || version !== release.version);
			expect(twice.length === 0, `every device was to be updated once, these were not: ${namesOf(twice)}`);
		},
	);
}
