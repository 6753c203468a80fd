import { BOOTLOADER_NAMES, type FleetDevice, scenario } from '../harness/index.js';

const HOUR_MS = 3_600_000;
const OFF_MS = 2_000;
const CUTS_PER_BOOTLOADER = 4;
/** What all of these bear. Words that cannot be read, and erases that stop half way, stop some of the real ones: the explorer has those. */
const TEARS = ['before', 'prefix', 'after'] as const;

const PROFILES = BOOTLOADER_NAMES.map((name) => `sensor/${name}`);

scenario(
	'every bootloader takes back what does not confirm itself, and takes an update through power cuts spread over all of it',
	{ needs: ['fleet', 'update', 'power', 'flash'] },
	async (context) => {
		const { evidence, expect, openFleet } = context;
		const fleet = await openFleet({ devices: PROFILES.length, profiles: PROFILES, referenceShare: 0.01, harnessImages: true });
		await fleet.ready({ withinMs: HOUR_MS });
		const models = [...fleet.devices];
		// Overwriting leaves nothing to return to.
		const returning = models.filter(({ profile }) => profile !== 'sensor/mcuboot-overwrite');
		await fleet.deploy(fleet.releases.behaving('forgets-to-confirm'), { devices: returning });
		await fleet.settle({ withinMs: 12 * HOUR_MS });
		const kept = returning.filter(({ outcome }) => outcome !== 'reverted').map(({ profile, outcome }) => `${profile} ${outcome}`);
		expect(kept.length === 0, `every bootloader was to give up the image that did not confirm itself; these did not: ${kept.join(', ')}`);

		const before = models.map(({ flashOperations }) => flashOperations);
		const update = fleet.releases.candidate();
		await fleet.deploy(update, { devices: models });
		await fleet.settle({ withinMs: HOUR_MS });
		const operations = new Map(models.map(({ profile, flashOperations }, index) => [profile, flashOperations - (before[index] as number)]));

		const devices = await fleet.enrol(PROFILES.length * CUTS_PER_BOOTLOADER);
		const cutOf = (device: FleetDevice, nth: number): number => Math.floor(((operations.get(device.profile) as number) * (nth + 0.5)) / CUTS_PER_BOOTLOADER);
		devices.forEach((device, index) => {
			const nth = Math.floor(index / PROFILES.length);
			const tear = TEARS[(index + nth) % TEARS.length] as (typeof TEARS)[number];
			fleet.arm(device, { kind: 'power-cut', moment: { at: 'operation', operation: cutOf(device, nth), tear }, offMs: OFF_MS });
		});
		await fleet.deploy(update, { devices });
		await fleet.settle({ withinMs: 12 * HOUR_MS });
		for (const [profile, count] of operations) evidence(`flash operations of an update, ${profile}`, count);
		evidence('cuts that took effect', fleet.faultsFired('power-cut'));
		expect(fleet.faultsFired('power-cut') === devices.length, `${devices.length} cuts were to take effect, ${fleet.faultsFired('power-cut')} did`);
		const lost = fleet.devices.filter(({ outcome }) => outcome !== 'updated').map(({ id, profile, outcome }) => `${id} (${profile}) ${outcome}`);
		expect(lost.length === 0, `every device was to end updated; these did not: ${lost.join(', ')}`);
	},
);
