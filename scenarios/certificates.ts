import { type FleetDevice, type ShownCertificate, scenario } from '../harness/index.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const REFUSED: Readonly<Partial<Record<ShownCertificate, { readonly is: string; readonly code: string }>>> = {
	expired: { is: 'has expired', code: 'CERT_HAS_EXPIRED' },
	'not-yet-valid': { is: 'is not yet valid', code: 'CERT_NOT_YET_VALID' },
	stranger: { is: 'is of a stranger', code: 'CERT_SIGNATURE_FAILURE' },
	revoked: { is: 'was revoked', code: 'CERT_REVOKED' },
};

const isUpdated = ({ outcome }: FleetDevice): boolean => outcome === 'updated';

for (const [certificate, { is, code }] of Object.entries(REFUSED)) {
	scenario(
		`a device whose certificate ${is} is kept out while the others update, and takes the update once it has a new one`,
		{ needs: ['fleet', 'update', 'tls'] },
		async ({ openFleet, expect, evidence }) => {
			const fleet = await openFleet({ devices: 4, harnessImages: true, referenceShare: 0.5 });
			await fleet.ready({ withinMs: HOUR_MS });
			const [odd, ...others] = fleet.devices as [FleetDevice, ...FleetDevice[]];
			fleet.showCertificate(odd, certificate as ShownCertificate);
			await fleet.deploy(fleet.releases.candidate());
			await fleet.sleep(10 * MINUTE_MS);
			const refused = fleet.refusedCertificates.get(code) ?? 0;
			evidence(`connections refused with ${code}`, refused);
			expect(refused > 0, `${code} was to be held against it, these were: ${[...fleet.refusedCertificates.keys()].join(', ') || 'none'}`);
			expect(!isUpdated(odd), 'it was not to come by the update');
			const late = others.filter((device) => !isUpdated(device)).map(({ id }) => id);
			expect(late.length === 0, `the others were to be updated; these were not: ${late.join(', ')}`);
			fleet.showCertificate(odd, 'rotated');
			await fleet.settle({ withinMs: HOUR_MS });
			expect(isUpdated(odd), `with its new certificate it was to be updated, it is ${odd.state}`);
		},
	);
}

scenario(
	'a device that shows a certificate in another name is kept out, and takes the update once it has one in its own',
	{ needs: ['fleet', 'update', 'tls'] },
	async ({ openFleet, expect }) => {
		const fleet = await openFleet({ devices: 3, harnessImages: true, referenceShare: 0.5 });
		await fleet.ready({ withinMs: HOUR_MS });
		const [odd, ...others] = fleet.devices as [FleetDevice, ...FleetDevice[]];
		fleet.showCertificate(odd, 'wrong-name');
		await fleet.deploy(fleet.releases.candidate());
		await fleet.sleep(10 * MINUTE_MS);
		expect(!isUpdated(odd), 'it was not to come by the update');
		expect(others.every(isUpdated), 'the others were to be updated');
		fleet.showCertificate(odd, 'rotated');
		await fleet.settle({ withinMs: HOUR_MS });
		expect(isUpdated(odd), 'with a certificate in its own name it was to be updated');
	},
);

scenario(
	'certificates that are rotated while their devices download cost a connection, and no update',
	{ needs: ['fleet', 'update', 'tls'] },
	async ({ openFleet, expect }) => {
		const fleet = await openFleet({
			devices: 4,
			harnessImages: true,
			referenceShare: 0.5,
			link: { latencyMs: 100, jitterMs: 20, bandwidthBytesPerS: 20_000, lossRatio: 0 },
		});
		await fleet.ready({ withinMs: HOUR_MS });
		await fleet.deploy(fleet.releases.candidate());
		await fleet.sleep(2_000);
		for (const device of fleet.devices) fleet.showCertificate(device, 'rotated');
		await fleet.settle({ withinMs: HOUR_MS });
		expect(fleet.devices.every(isUpdated), 'every device was to be updated');
		expect(fleet.refusedCertificates.size === 0, `none was to be refused, these were: ${[...fleet.refusedCertificates.keys()].join(', ')}`);
	},
);
