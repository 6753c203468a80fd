import { IMAGE_DEFECTS, scenario } from '../harness/index.js';

const HOUR_MS = 3_600_000;
/** Defects that need an image of the harness's own, signed by a key that devices trust. */
const NEEDS_TRUSTED_KEY: readonly string[] = ['other-hardware', 'downgrade', 'dependency-not-met', 'mix-and-match', 'fast-forward'];

for (const defect of IMAGE_DEFECTS) {
	scenario(
		`an image with this defect never runs: ${defect.replaceAll('-', ' ')}`,
		{ needs: ['fleet', 'update'] },
		async ({ openFleet, options, expect, evidence }) => {
			const fleet = await openFleet({ devices: Math.min(options.devices, 30), harnessImages: NEEDS_TRUSTED_KEY.includes(defect) });
			await fleet.ready({ withinMs: HOUR_MS });
			const before = fleet.devices.map(({ boots }) => boots);
			await fleet.deploy(fleet.releases.forbidden(defect));
			await fleet.settle({ withinMs: 6 * HOUR_MS });
			const [first] = fleet.devices;
			evidence('refused because', first?.reportedReason ?? 'no reason was reported');
			const taken = fleet.devices.filter(({ outcome }) => outcome !== 'refused').map(({ id, outcome }) => `${id} ${outcome}`);
			expect(taken.length === 0, `every device was to refuse the image; these did not: ${taken.slice(0, 10).join(', ')}`);
			const booted = fleet.devices.filter(({ boots }, index) => boots !== before[index]);
			expect(booted.length === 0, `no device was to boot for an image it must refuse; ${booted.length} did`);
		},
	);
}

for (const file of ['c-seccnt-unprot.bin', 'c-rehash-stale-sig.bin', 'c-hdr-imgsize-huge.bin', 'c-tlvtot-big.bin']) {
	scenario(`a mutation of an image that imgtool signed never runs: ${file}`, { needs: ['fleet', 'update'] }, async ({ openFleet, options, expect }) => {
		const fleet = await openFleet({ devices: Math.min(options.devices, 30), vectors: { installed: 'ed-base.bin', candidate: file } });
		await fleet.ready({ withinMs: HOUR_MS });
		await fleet.deploy(fleet.releases.candidate());
		await fleet.settle({ withinMs: 6 * HOUR_MS });
		expect(
			fleet.devices.every(({ outcome, version }) => outcome === 'refused' && version === fleet.releases.installed().version),
			'every device was to refuse the image',
		);
	});
}
