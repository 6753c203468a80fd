import { type CampaignPlan, createMemoryStore, type FleetPlace, type FleetPort, parsePlan, type Release, scenario } from '../harness/index.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

const PLACES: readonly FleetPlace[] = [
	{ hardware: 'sensor-r1', share: 2 },
	{ hardware: 'gateway-r3', share: 1 },
];

const INVENTORY = `
inventory:
  - { group: sensors, hardware: sensor-r1, version: 1.0.0, criticality: low }
  - { group: gateways, hardware: gateway-r3, version: 1.0.0, criticality: high }
`;

const planOf = (name: string, ...lines: readonly string[]): CampaignPlan =>
	parsePlan(
		[
			`name: ${name}`,
			'approver: Dana Okafor',
			...(lines.some((line) => line.startsWith('inventory')) ? [] : [INVENTORY]),
			...['pilot: 3', 'gates: { failures: 10% }'].filter((line) => !lines.some((own) => own.split(':')[0] === line.split(':')[0])),
			...lines,
		].join('\n'),
		{ file: `${name}.yaml` },
	);

/** The part of a release that is for one hardware revision. */
const onlyFor = (release: Release, hardware: string): Release => ({
	...release,
	name: `${release.name}-for-${hardware}`,
	images: release.images.filter((image) => image.hardware === hardware),
});

const openOnline = async (openFleet: (options: object) => Promise<FleetPort>, devices: number): Promise<FleetPort> => {
	const fleet = await openFleet({ devices, harnessImages: true, places: PLACES });
	await fleet.ready({ withinMs: HOUR_MS });
	return fleet;
};

const countOf = (fleet: FleetPort, version: string): number => fleet.devices.filter((device) => device.version === version).length;

scenario(
	'a job that an operator sends to the wrong group is refused by every device, before a byte of it',
	{ needs: ['fleet', 'update'] },
	async ({ openFleet, expect }) => {
		const fleet = await openOnline(openFleet, 6);
		const gateways = onlyFor(fleet.releases.candidate(), 'gateway-r3');
		const sensors = fleet.devices.filter(({ hardware }) => hardware === 'sensor-r1');
		const before = sensors.map(({ flashOperations }) => flashOperations);
		await fleet.deploy(gateways, { devices: sensors });
		await fleet.settle({ withinMs: HOUR_MS });
		const others = sensors.filter(
			({ outcome, reportedReason }) => outcome !== 'refused' || reportedReason !== 'the image is for gateway-r3, this is sensor-r1',
		);
		expect(others.length === 0, `every sensor was to refuse it and say why, ${others[0]?.id} is ${others[0]?.outcome}: ${others[0]?.reportedReason}`);
		// What a device keeps of a job that it refuses fits a few operations; the first sector of a slot would be one more, and the image many.
		const written = sensors.map(({ flashOperations }, index) => flashOperations - (before[index] ?? 0));
		expect(Math.max(...written) <= 4, `nothing of the image was to be written, ${Math.max(...written)} flash operations were`);
	},
);

scenario(
	'a plan that lists devices in the wrong group leaves them out, by name, before anything is sent',
	{ needs: ['fleet', 'update'] },
	async ({ openFleet, expect }) => {
		const fleet = await openOnline(openFleet, 9);
		const [misplaced] = fleet.devices.filter(({ hardware }) => hardware === 'sensor-r1');
		const before = misplaced?.messages;
		const plan = planOf(
			'wrong-group',
			'targets: { groups: [gateways] }',
			'inventory:',
			`  - { group: gateways, hardware: gateway-r3, version: 1.0.0, devices: [${fleet.devices
				.filter(({ hardware }) => hardware === 'gateway-r3')
				.map(({ id }) => id)
				.join(', ')}, ${misplaced?.id}] }`,
			'  - { group: sensors, hardware: sensor-r1, version: 1.0.0 }',
		);
		const { outcome, leftOut, reached } = await fleet.campaign(plan);
		await fleet.settle({ withinMs: HOUR_MS });
		const reason = leftOut.find(({ device }) => device === misplaced?.id)?.reason;
		expect(outcome === 'completed' && reached === 3, `the three gateways were to be updated, ${reached} devices were reached, and it ended ${outcome}`);
		expect(reason?.includes('hardware gateway-r3 was expected, got sensor-r1') ?? false, `${misplaced?.id} was to be left out for its hardware, got ${reason}`);
		expect(misplaced?.messages === before, `${misplaced?.id} was not to hear of it, it exchanged ${(misplaced?.messages ?? 0) - (before ?? 0)} messages`);
	},
);

scenario('a release that is signed with the wrong key is stopped before it is sent', { needs: ['fleet', 'update'] }, async ({ openFleet, expect }) => {
	const fleet = await openOnline(openFleet, 6);
	const before = fleet.devices.map(({ messages }) => messages);
	const { outcome, reason } = await fleet.campaign(planOf('wrong-key'), { release: fleet.releases.forbidden('unknown-key') });
	expect(
		outcome === 'refused' && (reason?.includes('none of the 1 trusted keys') ?? false),
		`the key was to be named before anything went out, it ended ${outcome}: ${reason}`,
	);
	expect(
		fleet.devices.every(({ messages }, index) => messages === before[index]),
		'no device was to hear of it',
	);
});

scenario(
	'a release that is signed with the wrong key, by a controller without keys, ends in the pilot',
	{ needs: ['fleet', 'update'] },
	async ({ openFleet, expect, evidence }) => {
		const fleet = await openOnline(openFleet, 9);
		const { outcome, reached } = await fleet.campaign(planOf('no-keys'), { release: fleet.releases.forbidden('unknown-key'), preflight: false });
		await fleet.settle({ withinMs: HOUR_MS });
		evidence('devices reached', reached);
		const refused = fleet.devices.filter((device) => device.outcome === 'refused').length;
		expect(
			outcome === 'halted' && reached === 3 && refused === 3,
			`the pilot of 3 was to refuse it and halt it, ${refused} of ${reached} did, and it ended ${outcome}`,
		);
	},
);

scenario(
	'of two campaigns at once the first has its devices to itself, and the second says whose they are',
	{ needs: ['fleet', 'update'] },
	async ({ openFleet, expect, evidence }) => {
		const fleet = await openOnline(openFleet, 12);
		const [release, hotfix] = [fleet.releases.candidate({ revocable: true }), fleet.releases.behaving('healthy')];
		const gateways = planOf('gateways-first', 'targets: { groups: [gateways] }');
		const [first, second] = await Promise.all([fleet.campaign(gateways, { release }), fleet.campaign(planOf('everybody'), { release: hotfix })]);
		await fleet.settle({ withinMs: HOUR_MS });
		const held = second.leftOut.filter(({ reason }) => reason === 'campaign gateways-first holds it').map(({ device }) => device);
		evidence("devices that were another campaign's", held.length);
		expect(
			first.outcome === 'completed' && first.reached === 4,
			`the first was to bring its release to 4 gateways, it reached ${first.reached} and ended ${first.outcome}`,
		);
		expect(
			second.outcome === 'completed' && second.reached === 8 && held.length === 4,
			`the second was to go on with the 8 sensors, it reached ${second.reached}, left out ${held.length}, and ended ${second.outcome}`,
		);
		// One boot from the factory, one into the new image: nobody took both releases.
		const both = fleet.devices.filter(({ boots, version, hardware }) => boots !== 2 || version !== (hardware === 'gateway-r3' ? release : hotfix).version);
		expect(both.length === 0, `every device was to take one release, these did not: ${both.map(({ id }) => id).join(', ')}`);
		const later = await fleet.campaign(planOf('afterwards', 'targets: { groups: [gateways] }', 'drifted: update'), { release: hotfix });
		expect(
			later.outcome === 'completed' && later.reached === 4,
			`what the first had freed was to be free, ${later.reached} were reached, and it ended ${later.outcome}`,
		);
	},
);

scenario(
	"devices of a controller that was killed stay its campaign's until another controller has ended it",
	{ needs: ['fleet', 'update'] },
	async ({ openFleet, expect }) => {
		const fleet = await openOnline(openFleet, 6);
		const store = createMemoryStore();
		const plan = planOf('killed');
		const release = fleet.releases.candidate();
		await fleet.campaign(plan, { release, store, killAfterMs: MINUTE_MS }).catch((error: { readonly code?: string }) => {
			expect(error.code === 'campaign-killed', `the controller was to be killed, got ${error.code}`);
		});
		const meanwhile = await fleet.campaign(planOf('killed'), { release });
		expect(
			meanwhile.outcome === 'refused' && (meanwhile.reason?.includes("are killed's") ?? false),
			`a second controller without the state of the first was to be refused, it ended ${meanwhile.outcome}: ${meanwhile.reason}`,
		);
		const { outcome, reached } = await fleet.campaign(plan, { release, store });
		await fleet.settle({ withinMs: HOUR_MS });
		expect(outcome === 'completed' && reached === 6, `the campaign was to go on to its end, it reached ${reached} and ended ${outcome}`);
	},
);

scenario(
	'a campaign that a person aborts halfway sends nothing more, and can be taken back by another',
	{ needs: ['fleet', 'update', 'virtual-time'] },
	async ({ openFleet, expect, evidence }) => {
		const fleet = await openOnline(openFleet, 9);
		const { version: old } = fleet.releases.installed();
		const release = fleet.releases.candidate({ revocable: true });
		const plan = planOf('aborted', 'waves: [3]', 'soak: 20m', 'rollback: at-once');
		const abort = { afterMs: 40 * MINUTE_MS, who: 'Ines Haddad', why: 'a customer calls' };
		const { outcome, abortedBy, reached, untouched, sentBack } = await fleet.campaign(plan, { release, abort });
		const pulled = fleet.nowMs;
		await fleet.sleep(6 * HOUR_MS);
		evidence('devices reached', reached);
		expect(outcome === 'halted' && abortedBy === 'Ines Haddad', `the order was to halt it, it ended ${outcome}, aborted by ${abortedBy}`);
		expect(
			reached === 6 && untouched === 3 && sentBack === 0,
			`two waves of 3 were to be out by ${pulled} ms and to stay, ${reached} were, ${untouched} untouched, ${sentBack} sent back`,
		);
		expect(
			countOf(fleet, release.version) === 6 && countOf(fleet, old) === 3,
			`6 devices were to run the release and 3 what they ran, ${countOf(fleet, release.version)} and ${countOf(fleet, old)} do`,
		);
		const back = await fleet.campaign(planOf('back-again', 'drifted: update'), { release: fleet.releases.installed() });
		await fleet.settle({ withinMs: HOUR_MS });
		expect(
			back.outcome === 'completed' && countOf(fleet, old) === 9,
			`every device was to run ${old} again, ${countOf(fleet, old)} do, and it ended ${back.outcome}`,
		);
	},
);

scenario(
	'a campaign that is aborted in its first minutes takes back what nobody has begun',
	{ needs: ['fleet', 'update', 'power', 'virtual-time'] },
	async ({ openFleet, expect }) => {
		const fleet = await openOnline(openFleet, 6);
		const [dark] = fleet.devices.filter(({ hardware }) => hardware === 'sensor-r1');
		if (dark === undefined) return;
		fleet.arm(dark, { kind: 'power-cut', moment: { at: 'time', afterMs: 1 }, offMs: 2 * HOUR_MS });
		await fleet.sleep(MINUTE_MS);
		const plan = planOf('early', 'pilot: 6', 'rollback: none');
		const { outcome, reached } = await fleet.campaign(plan, { abort: { afterMs: 10_000, who: 'Ines Haddad', why: 'wrong button' } });
		await fleet.sleep(4 * HOUR_MS);
		const begun = fleet.devices.filter(({ version }) => version !== fleet.releases.installed().version);
		expect(outcome === 'halted' && reached === 5, `five devices had begun and were to end what they were at, ${reached} were reached, and it ended ${outcome}`);
		expect(begun.length === 5 && !begun.includes(dark), `${dark.id} was dark and was to find nothing to do, ${begun.length} devices run the release`);
	},
);

scenario(
	'devices that are flashed by hand in the middle of a campaign are noticed as drifted, and left to whoever did it',
	{ needs: ['fleet', 'update'] },
	async ({ openFleet, expect }) => {
		const fleet = await openOnline(openFleet, 6);
		const sensors = fleet.devices.filter(({ hardware }) => hardware === 'sensor-r1');
		const other = fleet.releases.behaving('healthy');
		// By then the two sensors of the pilot have taken the release and are watched; the other two are still to come.
		for (const sensor of sensors) fleet.flashByHand(sensor, { release: other, slot: 'running', afterMs: 12 * MINUTE_MS });
		const plan = planOf('by-hand', 'targets: { groups: [sensors] }', 'pilot: 2', 'soak: 20m', 'gates: { failures: 100% }');
		const { outcome, reached, failed, leftOut } = await fleet.campaign(plan, { release: fleet.releases.candidate({ revocable: true }) });
		await fleet.settle({ withinMs: HOUR_MS });
		const left = leftOut.filter(({ reason }) => reason === 'it drifted since the campaign was planned: version 1.0.0 was expected, got 2.1.0+0');
		expect(
			outcome === 'completed' && reached === 2 && failed === 2,
			`the pilot of 2 was to count as failed, ${failed} of ${reached} do, and it ended ${outcome}`,
		);
		expect(
			left.length === 2,
			`the two that were to come were to be left out as drifted, got ${leftOut.map(({ device, reason }) => `${device}: ${reason}`).join('; ')}`,
		);
		expect(countOf(fleet, other.version) === sensors.length, `every sensor was to run what the person wrote, ${countOf(fleet, other.version)} do`);
	},
);

scenario(
	'a slot that is written over by hand in the middle of a download ends with the right image all the same',
	{ needs: ['fleet', 'update'] },
	async ({ openFleet, expect }) => {
		const link = { latencyMs: 50, jitterMs: 10, bandwidthBytesPerS: 2_000, lossRatio: 0 };
		const fleet = await openFleet({ devices: 4, harnessImages: true, profiles: ['sensor'], link });
		await fleet.ready({ withinMs: HOUR_MS });
		const other = fleet.releases.behaving('healthy');
		const release = fleet.releases.candidate();
		await fleet.deploy(release);
		for (const [index, device] of fleet.devices.entries())
			fleet.flashByHand(device, { release: other, slot: index % 2 === 0 ? 'idle' : 'running', afterMs: 20_000 });
		await fleet.sleep(10_000);
		expect(
			fleet.devices.every(({ state }) => state === 'downloading'),
			'every device was to be in the middle of its download',
		);
		await fleet.settle({ withinMs: 6 * HOUR_MS });
		const others = fleet.devices.filter(({ outcome, version }) => outcome !== 'updated' || version !== release.version);
		expect(
			others.length === 0,
			`every device was to be updated, these were not: ${others.map(({ id, outcome, reportedReason }) => `${id} ${outcome} (${reportedReason})`).join(', ')}`,
		);
	},
);

scenario(
	'a foreign image that is written by hand over the one that runs never runs, and the image before it comes back',
	{ needs: ['fleet', 'update'] },
	async ({ openFleet, expect }) => {
		const fleet = await openFleet({ devices: 4, harnessImages: true, profiles: ['sensor', 'meter'] });
		await fleet.ready({ withinMs: HOUR_MS });
		await fleet.deploy(fleet.releases.candidate({ revocable: true }));
		await fleet.settle({ withinMs: HOUR_MS });
		for (const device of fleet.devices) fleet.flashByHand(device, { release: fleet.releases.forbidden('unsigned'), slot: 'running', afterMs: 1_000 });
		await fleet.sleep(HOUR_MS);
		const { version: old } = fleet.releases.installed();
		expect(countOf(fleet, old) === 4, `every device was to run ${old} again, ${countOf(fleet, old)} do`);
	},
);
