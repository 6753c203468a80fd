import { scenario, TEAR_MODES } from '../harness/index.js';

const HOUR_MS = 3_600_000;

scenario('an image that migrates the settings keeps what they say', { needs: ['fleet', 'update'] }, async ({ openFleet, options, expect }) => {
	const fleet = await openFleet({ devices: Math.ceil(options.devices / 10), harnessImages: true });
	await fleet.ready({ withinMs: HOUR_MS });
	await fleet.deploy(fleet.releases.behaving('migrates-settings'));
	await fleet.settle({ withinMs: 6 * HOUR_MS });
	expect(
		fleet.devices.every(({ outcome }) => outcome === 'updated'),
		'every device was to be updated',
	);
});

scenario(
	'settings that a new image migrated are readable by the old one after a revert',
	{ needs: ['fleet', 'update', 'power'] },
	async ({ openFleet, options, random, expect, evidence }) => {
		const fleet = await openFleet({ devices: Math.ceil(options.devices / 10), harnessImages: true });
		await fleet.ready({ withinMs: HOUR_MS });
		const chance = random('cuts');
		await fleet.deploy(fleet.releases.behaving('migrates-settings'));
		// Power is lost in one trial boot after the other; no hardware here allows more than three.
		for (let boot = 0; boot < 3; boot++) {
			await fleet.sleep(45_000);
			for (const device of fleet.devices) fleet.arm(device, { kind: 'power-cut', moment: { at: 'time', afterMs: 1 + chance.integer(15_000) }, offMs: 1_000 });
		}
		await fleet.sleep(45_000);
		await fleet.settle({ withinMs: 6 * HOUR_MS });
		const reverted = fleet.devices.filter(({ outcome }) => outcome === 'reverted').length;
		evidence('devices reverted', reverted);
		expect(reverted === fleet.devices.length, `every device was to be reverted, ${reverted} of ${fleet.devices.length} were`);
	},
);

scenario(
	'settings survive power lost at every operation of a migrating update',
	{ needs: ['fleet', 'update', 'power', 'flash'] },
	async ({ openFleet, expect, evidence }) => {
		const fleet = await openFleet({ devices: 3, harnessImages: true });
		await fleet.ready({ withinMs: HOUR_MS });
		const release = fleet.releases.behaving('migrates-settings');
		const models = [...fleet.devices];
		const before = models.map(({ flashOperations }) => flashOperations);
		await fleet.deploy(release, { devices: models });
		await fleet.settle({ withinMs: 6 * HOUR_MS });
		const operations = models.map(({ flashOperations }, index) => flashOperations - (before[index] ?? 0));
		const most = Math.max(...operations);
		// Only the end of the session touches settings: its last operations, from the first boot of the new image on.
		const lastOperations = 14;
		const added = await fleet.enrol(models.length * lastOperations * TEAR_MODES.length);
		let cuts = 0;
		added.forEach((device, index) => {
			const model = index % models.length;
			const step = Math.floor(index / models.length);
			const operation = (operations[model] ?? most) - 1 - (step % lastOperations);
			const tear = TEAR_MODES[Math.floor(step / lastOperations)] ?? 'before';
			fleet.arm(device, { kind: 'power-cut', moment: { at: 'operation', operation, tear, tearSeed: step }, offMs: 1_000 });
			cuts++;
		});
		await fleet.deploy(release, { devices: added });
		await fleet.settle({ withinMs: 12 * HOUR_MS });
		const fired = fleet.faultsFired('power-cut');
		evidence('cuts that took effect', fired);
		expect(fired === cuts, `${cuts} cuts were to take effect, ${fired} did`);
		expect(
			fleet.devices.every(({ outcome }) => outcome === 'updated' || outcome === 'reverted'),
			'every device was to end updated or reverted',
		);
	},
);
