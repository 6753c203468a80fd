import { type ImageBehaviour, type RolloutPlan, scenario } from '../harness/index.js';

const HOUR_MS = 3_600_000;

const ENOUGH_FOR_EVERY_REVISION = 12;

/** The pilot is big enough to hold every hardware revision. */
const planFor = (devices: number): RolloutPlan => ({
	pilot: Math.min(ENOUGH_FOR_EVERY_REVISION, devices),
	waves: [0.1, 0.3],
	maxFailureRatio: 0.05,
	waveTimeoutMs: 4 * HOUR_MS,
});

const BAD: readonly { readonly behaviour: ImageBehaviour; readonly cause: string; readonly share?: number }[] = [
	{ behaviour: 'crashes-at-boot', cause: 'crash', share: 1 },
	{ behaviour: 'hangs-at-boot', cause: 'watchdog' },
	{ behaviour: 'fails-self-test', cause: 'self-test-failed' },
	{ behaviour: 'cannot-connect', cause: 'self-test-failed' },
	{ behaviour: 'crashes-after-minutes', cause: 'crash' },
	{ behaviour: 'forgets-to-confirm', cause: 'watchdog' },
];

for (const { behaviour, cause, share = 0.1 } of BAD) {
	const title = `an image that ${behaviour.replaceAll('-', ' ')} is reverted, its cause reported and its rollout halted`;
	// It connects with wrong credentials, which only a broker that checks them finds out.
	const needs = ['fleet', 'update', ...(behaviour === 'cannot-connect' ? (['credentials'] as const) : [])] as const;
	scenario(title, { needs }, async ({ openFleet, options, expect, evidence }) => {
		const fleet = await openFleet({ devices: Math.ceil(options.devices * share), harnessImages: true });
		await fleet.ready({ withinMs: HOUR_MS });
		const result = await fleet.rollout(fleet.releases.behaving(behaviour), planFor(fleet.devices.length));
		await fleet.settle({ withinMs: 12 * HOUR_MS });
		const reverted = fleet.devices.filter(({ outcome }) => outcome === 'reverted');
		evidence('devices reached', reverted.length);
		expect(result.outcome === 'halted', `the rollout was to halt, it ended ${result.outcome}`);
		expect(reverted.length > 0, 'the pilot was to take the image and give it up');
		expect(
			fleet.devices.every((device) => device.version === fleet.releases.installed().version),
			'every device was to run the old image',
		);
		const misreported = reverted.filter((device) => device.reportedReason !== `reverted: ${cause}`);
		expect(misreported.length === 0, `the cause '${cause}' was to be reported; ${misreported[0]?.id} reported '${misreported[0]?.reportedReason}'`);
	});
}

scenario(
	'a release that is bad on one hardware revision is halted and taken back from the others',
	{ needs: ['fleet', 'update'] },
	async ({ openFleet, options, expect, evidence }) => {
		const fleet = await openFleet({ devices: Math.max(ENOUGH_FOR_EVERY_REVISION, options.devices), harnessImages: true });
		await fleet.ready({ withinMs: HOUR_MS });
		const [first] = fleet.devices;
		const release = fleet.releases.behaving('crashes-at-boot', { onlyOn: first?.hardware ?? '' });
		const result = await fleet.rollout(release, { ...planFor(fleet.devices.length), rollback: true });
		await fleet.settle({ withinMs: 12 * HOUR_MS });
		evidence('devices that took it', result.succeeded);
		expect(result.outcome === 'rolled-back', `the rollout was to be rolled back, it ended ${result.outcome}`);
		const left = fleet.devices.filter(({ version }) => version !== fleet.releases.installed().version).map(({ id }) => id);
		expect(left.length === 0, `no device was to be left on the bad release; these are: ${left.slice(0, 10).join(', ')}`);
	},
);
