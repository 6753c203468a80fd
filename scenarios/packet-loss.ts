import { scenario } from '../harness/index.js';

const HOUR_MS = 3_600_000;

for (const { lossPercent, share } of [
	{ lossPercent: 1, share: 0.2 },
	{ lossPercent: 5, share: 1 },
	{ lossPercent: 20, share: 0.2 },
]) {
	scenario(
		`${lossPercent} % packet loss: every device converges`,
		{ needs: ['fleet', 'update', 'network'], independent: true },
		async ({ openFleet, options, expect, evidence }) => {
			const link = { latencyMs: 50, jitterMs: 20, bandwidthBytesPerS: 0, lossRatio: lossPercent / 100 };
			const fleet = await openFleet({ devices: Math.ceil(options.devices * share), link });
			await fleet.ready({ withinMs: HOUR_MS });
			const release = fleet.releases.candidate();
			await fleet.deploy(release);
			await fleet.settle({ withinMs: 6 * HOUR_MS });
			const updated = fleet.devices.filter(({ outcome }) => outcome === 'updated').length;
			evidence('devices updated', updated);
			expect(updated === fleet.devices.length, `all ${fleet.devices.length} devices were to be updated, ${updated} were`);
		},
	);
}

scenario(
	'a link that resets at random moments of a lossy download costs only the missing blocks',
	{ needs: ['fleet', 'update', 'network'], independent: true },
	async ({ openFleet, random, options, expect }) => {
		const fleet = await openFleet({ devices: Math.ceil(options.devices / 5), link: { latencyMs: 80, jitterMs: 40, bandwidthBytesPerS: 0, lossRatio: 0.05 } });
		await fleet.ready({ withinMs: HOUR_MS });
		const resets = random('resets');
		const release = fleet.releases.candidate();
		for (const device of fleet.devices) {
			const image = release.images.find(({ hardware }) => hardware === device.hardware);
			// A small image of the user's has fewer messages to lose.
			const blocks = Math.ceil((image?.bytes.length ?? 0) / device.blockSizeBytes);
			fleet.arm(device, { kind: 'link-reset', after: { messages: 3 + resets.stream(device.id).integer(Math.max(1, Math.min(16, blocks))) } });
		}
		await fleet.deploy(release);
		await fleet.settle({ withinMs: 6 * HOUR_MS });
		const late = fleet.devices.filter(({ outcome }) => outcome !== 'updated').map(({ id }) => id);
		expect(late.length === 0, `every device was to be updated; these were not: ${late.slice(0, 10).join(', ')}`);
	},
);
