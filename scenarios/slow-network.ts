import { type LinkConditions, scenario } from '../harness/index.js';

const HOUR_MS = 3_600_000;

const LINKS: Readonly<Record<string, LinkConditions>> = {
	'a satellite link with two seconds of latency': { latencyMs: 2_000, jitterMs: 300, bandwidthBytesPerS: 0, lossRatio: 0 },
	'2G: 2.5 kilobytes a second, slow and lossy': { latencyMs: 400, jitterMs: 300, bandwidthBytesPerS: 2_500, lossRatio: 0.02 },
	'a meter reader at 600 bytes a second': { latencyMs: 800, jitterMs: 200, bandwidthBytesPerS: 600, lossRatio: 0 },
};

for (const [name, link] of Object.entries(LINKS)) {
	scenario(`${name}: every device converges`, { needs: ['fleet', 'update', 'network'], independent: true }, async ({ openFleet, options, expect }) => {
		const fleet = await openFleet({ devices: Math.ceil(options.devices / 10), link });
		await fleet.ready({ withinMs: HOUR_MS });
		await fleet.deploy(fleet.releases.candidate());
		await fleet.settle({ withinMs: 24 * HOUR_MS });
		const updated = fleet.devices.filter(({ outcome }) => outcome === 'updated').length;
		expect(updated === fleet.devices.length, `all ${fleet.devices.length} devices were to be updated, ${updated} were`);
	});
}
