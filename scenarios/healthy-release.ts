import { type FleetPort, type RolloutPlan, scenario } from '../harness/index.js';

const HOUR_MS = 3_600_000;

const PLAN: RolloutPlan = { pilot: 0.02, waves: [0.1, 0.3], maxFailureRatio: 0.05, waveTimeoutMs: 4 * HOUR_MS, soakMs: 60_000 };

const allRun = (fleet: FleetPort, version: string): boolean => fleet.devices.every((device) => device.version === version && device.outcome === 'updated');

scenario('a healthy release reaches every device through pilot and waves', { needs: ['fleet', 'update'] }, async ({ openFleet, step, expect, evidence }) => {
	const fleet = await openFleet();
	await fleet.ready({ withinMs: HOUR_MS });
	const release = fleet.releases.candidate();
	const result = await fleet.rollout(release, PLAN);
	await fleet.settle({ withinMs: HOUR_MS });
	step(`rollout ${result.outcome}: ${result.succeeded} succeeded, ${result.failed} failed`);
	evidence('devices updated', result.succeeded);
	expect(result.outcome === 'completed', `the rollout of a healthy release was to complete, it ended ${result.outcome}`);
	expect(allRun(fleet, release.version), `every device was to run ${release.version}`);
});

scenario('a healthy release that fills its slot reaches every hardware revision', { needs: ['fleet', 'update'] }, async ({ openFleet, options, expect }) => {
	const fleet = await openFleet({ devices: Math.min(options.devices, 30) });
	await fleet.ready({ withinMs: HOUR_MS });
	const release = fleet.releases.candidate({ sizeBytes: 'fills-slot' });
	await fleet.deploy(release);
	await fleet.settle({ withinMs: HOUR_MS });
	expect(allRun(fleet, release.version), `every device was to run ${release.version}`);
});

scenario('a release offered again to devices that run it changes nothing', { needs: ['fleet', 'update'] }, async ({ openFleet, options, expect }) => {
	const fleet = await openFleet({ devices: Math.min(options.devices, 60) });
	await fleet.ready({ withinMs: HOUR_MS });
	const release = fleet.releases.candidate();
	await fleet.deploy(release);
	await fleet.settle({ withinMs: HOUR_MS });
	const before = fleet.devices.map(({ boots, flashOperations }) => ({ boots, flashOperations }));
	await fleet.deploy(release);
	await fleet.settle({ withinMs: HOUR_MS });
	expect(allRun(fleet, release.version), `every device was to go on running ${release.version}`);
	fleet.devices.forEach((device, index) => {
		expect(device.boots === before[index]?.boots, `${device.id} was not to boot again for an image it runs`);
	});
});

for (const { file, what, share } of [
	{ file: 'ed-pad.bin', what: 'ed25519, padded to its slot with a trailer', share: 1 },
	{ file: 'ed-confirm.bin', what: 'ed25519, padded and marked as confirmed', share: 0.2 },
	{ file: 'rsa2048-plain.bin', what: 'RSA-2048', share: 0.2 },
]) {
	scenario(`an image that imgtool signed reaches every device: ${what}`, { needs: ['fleet', 'update'] }, async ({ openFleet, options, expect, evidence }) => {
		const fleet = await openFleet({ devices: Math.ceil(options.devices * share), vectors: { installed: 'ed-base.bin', candidate: file } });
		await fleet.ready({ withinMs: HOUR_MS });
		const release = fleet.releases.candidate();
		evidence('image', `${file}, ${release.images[0]?.bytes.length} bytes`);
		const result = await fleet.rollout(release, PLAN);
		await fleet.settle({ withinMs: HOUR_MS });
		expect(result.outcome === 'completed', `the rollout was to complete, it ended ${result.outcome}`);
		expect(allRun(fleet, release.version), `every device was to run ${release.version}`);
	});
}
