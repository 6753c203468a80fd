import { type FleetDevice, type FleetPort, scenario } from '../harness/index.js';

const HOUR_MS = 3_600_000;
/** Packets that a device gets before the first block: the notice of the job, the answer to its request and their acknowledgements. */
const PACKETS_BEFORE_BLOCKS = 4;

const DOWNLOAD_S = 10;

const blocksOf = (fleet: FleetPort, device: FleetDevice): number => {
	const image = fleet.releases.candidate().images.find(({ hardware }) => hardware === device.hardware);
	return Math.ceil((image?.bytes.length ?? 0) / device.blockSizeBytes);
};

for (const kind of ['link-reset', 'link-half-open'] as const) {
	const how = kind === 'link-reset' ? 'is reset' : 'goes silent';
	scenario(
		`the link ${how} before every packet of a download: every profile resumes`,
		{ needs: ['fleet', 'update', 'network'] },
		async ({ openFleet, expect, evidence }) => {
			const fleet = await openFleet({ devices: 3 });
			await fleet.ready({ withinMs: HOUR_MS });
			const packets = Math.max(...fleet.devices.map((device) => blocksOf(fleet, device))) + PACKETS_BEFORE_BLOCKS;
			const before = fleet.devices.length;
			await fleet.enrol(before * packets - before);
			fleet.devices.forEach((device, index) => {
				fleet.arm(device, { kind, after: { messages: Math.floor(index / before) } });
			});
			await fleet.deploy(fleet.releases.candidate());
			await fleet.settle({ withinMs: 12 * HOUR_MS });
			const fired = fleet.faultsFired(kind);
			evidence('drop points for each profile', packets);
			evidence('drops that took effect', fired);
			expect(fired === fleet.devices.length, `each of ${fleet.devices.length} devices was to lose its link once, ${fired} did`);
			const late = fleet.devices.filter(({ outcome }) => outcome !== 'updated').map(({ id }) => id);
			expect(late.length === 0, `every device was to be updated; these were not: ${late.slice(0, 10).join(', ')}`);
		},
	);
}

scenario(
	'links drop at seeded blocks across the fleet, and twice more on the way back',
	{ needs: ['fleet', 'update', 'network'] },
	async ({ openFleet, options, random, step, expect, evidence }) => {
		const fleet = await openFleet({ devices: Math.ceil(options.devices / 5), link: { latencyMs: 200, jitterMs: 50, bandwidthBytesPerS: 4_000, lossRatio: 0 } });
		await fleet.ready({ withinMs: HOUR_MS });
		const chance = random('drops');
		const drops = (): number => fleet.faultsFired('link-reset') + fleet.faultsFired('link-half-open');
		for (let round = 1; round <= 3; round++) {
			for (const device of fleet.devices) {
				// The first drop falls anywhere in the download, the others inside the next packet after the link is back.
				const after = round === 1 ? { messages: chance.integer(16) } : { bytes: 1 + chance.integer(2) };
				fleet.arm(device, { kind: chance.chance(0.8) ? 'link-reset' : 'link-half-open', after });
			}
			if (round === 1) await fleet.deploy(fleet.releases.candidate());
			const wanted = round * fleet.devices.length;
			for (let waitedMs = 0; drops() < wanted && waitedMs < HOUR_MS; waitedMs += 2_000) await fleet.sleep(2_000);
			step(`round ${round}: ${drops()} drops took effect`);
		}
		evidence('drops that took effect', drops());
		await fleet.settle({ withinMs: 12 * HOUR_MS });
		const late = fleet.devices.filter(({ outcome }) => outcome !== 'updated').map(({ id }) => id);
		expect(late.length === 0, `every device was to be updated; these were not: ${late.slice(0, 10).join(', ')}`);
	},
);

scenario(
	'devices that stop reading in the middle of a download hold up nobody',
	{ needs: ['fleet', 'update', 'network'] },
	async ({ openFleet, options, expect }) => {
		const fleet = await openFleet({ devices: Math.ceil(options.devices / 5) });
		await fleet.ready({ withinMs: HOUR_MS });
		// Slow enough that every download is under way when some devices stop reading.
		const bytesOnTheWay = Math.max(...fleet.releases.candidate().images.map(({ bytes }) => bytes.length));
		fleet.setLink({ latencyMs: 100, jitterMs: 20, bandwidthBytesPerS: Math.ceil(bytesOnTheWay / DOWNLOAD_S), lossRatio: 0 });
		const stalled = fleet.devices.filter((_, index) => index % 5 === 0);
		for (const device of stalled) fleet.arm(device, { kind: 'stalled-reader', afterMs: 3_000, forMs: 120_000 });
		await fleet.deploy(fleet.releases.candidate());
		await fleet.sleep(100_000);
		const held = fleet.devices.filter((device) => !stalled.includes(device) && device.state === 'downloading');
		expect(
			held.length === 0,
			`no other device was to be held up; these still download: ${held
				.slice(0, 10)
				.map(({ id }) => id)
				.join(', ')}`,
		);
		await fleet.settle({ withinMs: 6 * HOUR_MS });
		expect(
			fleet.devices.every(({ outcome }) => outcome === 'updated'),
			'every device was to be updated in the end',
		);
	},
);
