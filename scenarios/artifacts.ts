import { type ArtifactWrong, type FleetDevice, scenario } from '../harness/index.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

const NEEDS = { needs: ['fleet', 'update', 'service'] } as const;
const LINK = { latencyMs: 100, jitterMs: 30, bandwidthBytesPerS: 20_000, lossRatio: 0 };
const FEW = { devices: 3, link: LINK, referenceShare: 0, imagesBy: 'url' } as const;

const named = (devices: readonly FleetDevice[]): string =>
	devices.map(({ id, state, version, outcome, reportedReason }) => `${id} ${state} ${version} ${outcome} (${reportedReason})`).join('; ');

/** What is over in three minutes: every device takes the release all the same. */
const PASSING: readonly ArtifactWrong[] = [
	'html-page',
	'redirect-loop',
	'redirect-to-http',
	'promises-more',
	'promises-less',
	'endless',
	'slow',
	'cut',
	'no-range',
	'other-range',
	'unavailable',
	'certificate-expired',
];

for (const what of PASSING) {
	scenario(`images by URL: ${what} for three minutes of a download, and every device is updated`, NEEDS, async ({ openFleet, expect }) => {
		const fleet = await openFleet(FEW);
		await fleet.ready({ withinMs: HOUR_MS });
		fleet.armService({ kind: 'artifacts-wrong', afterMs: 0, forMs: 3 * MINUTE_MS, what });
		await fleet.sleep(10);
		await fleet.deploy(fleet.releases.candidate());
		await fleet.settle({ withinMs: 2 * HOUR_MS });
		const reached = fleet.faultsFired('artifacts-wrong');
		expect(reached === FEW.devices, `the fault was to reach every device, it reached ${reached}`);
		const wrong = fleet.devices.filter(({ outcome }) => outcome !== 'updated');
		expect(wrong.length === 0, `every device was to be updated; these were not: ${named(wrong)}`);
	});
}

/** What does not end: the reason that a device gives, and nothing of it is ever run. */
const LASTING: readonly (readonly [what: ArtifactWrong, says: RegExp])[] = [
	['html-page', /not-an-image/],
	['redirect-to-http', /unsafe-redirect/],
	['promises-less', /wrong-length/],
	['flipped-bit', /digest|hash|sha/i],
	['certificate-expired', /untrusted.*expired/],
	['certificate-not-yet-valid', /untrusted.*not yet valid/],
	['certificate-in-another-name', /untrusted.*other[.]/],
	['certificate-of-a-stranger', /untrusted.*(authority|signature|verif|issuer)/i],
];

for (const [what, says] of LASTING) {
	scenario(`images by URL: ${what} without an end, and every device refuses and says why`, NEEDS, async ({ openFleet, expect }) => {
		const fleet = await openFleet(FEW);
		await fleet.ready({ withinMs: HOUR_MS });
		fleet.armService({ kind: 'artifacts-wrong', afterMs: 0, forMs: HOUR_MS, what });
		await fleet.sleep(10);
		await fleet.deploy(fleet.releases.candidate());
		await fleet.settle({ withinMs: HOUR_MS });
		const silent = fleet.devices.filter(({ outcome, reportedReason }) => outcome !== 'refused' || !says.test(reportedReason ?? ''));
		expect(silent.length === 0, `every device was to refuse with ${says}; these did not: ${named(silent)}`);
	});
}

scenario(
	'images by URL: power is lost at every second flash operation of an update, and no block is fetched in vain',
	NEEDS,
	async ({ openFleet, expect, evidence }) => {
		const fleet = await openFleet({ ...FEW, devices: 1, profiles: ['sensor'] });
		await fleet.ready({ withinMs: HOUR_MS });
		const [first] = fleet.devices;
		const before = first?.flashOperations ?? 0;
		await fleet.deploy(fleet.releases.candidate());
		await fleet.settle({ withinMs: HOUR_MS });
		const operations = (first?.flashOperations ?? 0) - before;
		const points = Math.ceil(operations / 2);
		const others = await fleet.enrol(points);
		others.forEach((device, index) => {
			fleet.arm(device, { kind: 'power-cut', moment: { at: 'operation', operation: index * 2, tear: 'half' }, offMs: 5_000 });
		});
		await fleet.deploy(fleet.releases.candidate(), { devices: others });
		await fleet.settle({ withinMs: 3 * HOUR_MS });
		evidence('cuts', fleet.faultsFired('power-cut'));
		expect(fleet.faultsFired('power-cut') === points, `each of ${points} devices was to lose its power once, ${fleet.faultsFired('power-cut')} did`);
		// A confirm that power tears gives way to the image before.
		const left = others.filter(({ outcome }) => outcome !== 'updated' && outcome !== 'reverted');
		expect(left.length === 0, `every device was to end updated or reverted; these did not: ${named(left)}`);
		const updated = others.length - others.filter(({ outcome }) => outcome === 'reverted').length;
		expect(updated >= others.length - 2, `all devices but two at the most were to be updated, ${updated} were`);
	},
);
