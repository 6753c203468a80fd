import { type FleetDevice, type FleetPort, type ScenarioContext, type ShownBrokerCertificate, type ShownCertificate, scenario } from '../harness/index.js';

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

/** Four devices in the middle of their downloads, over links that take a while for them. */
const openDownloading = async (openFleet: ScenarioContext['openFleet']): Promise<FleetPort> => {
	const fleet = await openFleet({
		devices: 4,
		harnessImages: true,
		referenceShare: 0.5,
		link: { latencyMs: 100, jitterMs: 20, bandwidthBytesPerS: 20_000, lossRatio: 0 },
	});
	await fleet.ready({ withinMs: HOUR_MS });
	await fleet.deploy(fleet.releases.candidate());
	await fleet.sleep(2_000);
	return fleet;
};

scenario(
	'certificates that are rotated while their devices download cost a connection, and no update',
	{ needs: ['fleet', 'update', 'tls'] },
	async ({ openFleet, expect }) => {
		const fleet = await openDownloading(openFleet);
		for (const device of fleet.devices) fleet.showCertificate(device, 'rotated');
		await fleet.settle({ withinMs: HOUR_MS });
		expect(fleet.devices.every(isUpdated), 'every device was to be updated');
		expect(fleet.refusedCertificates.size === 0, `none was to be refused, these were: ${[...fleet.refusedCertificates.keys()].join(', ')}`);
	},
);

const REFUSED_BROKERS: Readonly<Partial<Record<ShownBrokerCertificate, { readonly is: string; readonly code: string }>>> = {
	expired: { is: 'has expired', code: 'CERT_HAS_EXPIRED' },
	'not-yet-valid': { is: 'is not yet valid', code: 'CERT_NOT_YET_VALID' },
	stranger: { is: 'is of a stranger', code: 'CERT_SIGNATURE_FAILURE' },
	'wrong-name': { is: 'is in another name', code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
};

for (const [certificate, { is, code }] of Object.entries(REFUSED_BROKERS)) {
	scenario(
		`no device takes a broker whose certificate ${is}, and all take the update once it has its own again`,
		{ needs: ['fleet', 'update', 'tls'] },
		async ({ openFleet, expect, evidence }) => {
			const fleet = await openFleet({ devices: 4, harnessImages: true, referenceShare: 0.5 });
			await fleet.ready({ withinMs: HOUR_MS });
			fleet.showBrokerCertificate(certificate as ShownBrokerCertificate);
			await fleet.sleep(MINUTE_MS);
			await fleet.deploy(fleet.releases.candidate());
			await fleet.sleep(5 * MINUTE_MS);
			const refused = fleet.refusedBrokers.get(code) ?? 0;
			evidence(`connections given up with ${code}`, refused);
			expect(refused >= fleet.devices.length, `each was to find ${code}, these were found: ${[...fleet.refusedBrokers.keys()].join(', ') || 'none'}`);
			expect(!fleet.devices.some(isUpdated), 'none was to come by the update');
			fleet.showBrokerCertificate('rightful');
			await fleet.settle({ withinMs: HOUR_MS });
			expect(fleet.devices.every(isUpdated), 'every device was to be updated at the rightful broker');
		},
	);
}

scenario(
	'a broker that rotates its certificate while devices download costs a connection, and no update',
	{ needs: ['fleet', 'update', 'tls'] },
	async ({ openFleet, expect }) => {
		const fleet = await openDownloading(openFleet);
		fleet.showBrokerCertificate('rotated');
		await fleet.settle({ withinMs: HOUR_MS });
		expect(fleet.devices.every(isUpdated), 'every device was to be updated');
		expect(fleet.refusedBrokers.size === 0, `none was to refuse it, these were found: ${[...fleet.refusedBrokers.keys()].join(', ')}`);
	},
);

const YEAR_MS = 365 * 24 * HOUR_MS;

/** Has the first device's clock leap before the certificates of the day, or behind them, and its connection drop. */
const misleadFirst = async (fleet: FleetPort, byMs: number): Promise<FleetDevice> => {
	const [device] = fleet.devices as [FleetDevice, ...FleetDevice[]];
	fleet.arm(device, { kind: 'clock-jump', afterMs: 1_000, byMs });
	await fleet.sleep(2_000);
	fleet.showCertificate(device, 'rotated');
	return device;
};

for (const { clock, byMs, code } of [
	{ clock: 'two years behind', byMs: -2 * YEAR_MS, code: 'CERT_NOT_YET_VALID' },
	{ clock: 'two years ahead', byMs: 2 * YEAR_MS, code: 'CERT_HAS_EXPIRED' },
] as const) {
	scenario(
		`a device whose clock is ${clock} does not take the broker's certificate, asks for the time, and takes the update`,
		{ needs: ['fleet', 'update', 'tls'] },
		async ({ openFleet, expect }) => {
			const fleet = await openFleet({ devices: 3, harnessImages: true, certificates: {} });
			await fleet.ready({ withinMs: HOUR_MS });
			await misleadFirst(fleet, byMs);
			await fleet.deploy(fleet.releases.candidate());
			await fleet.settle({ withinMs: HOUR_MS });
			expect(fleet.refusedBrokers.has(code), `${code} was to be found, these were: ${[...fleet.refusedBrokers.keys()].join(', ') || 'none'}`);
			expect(fleet.devices.every(isUpdated), 'every device was to be updated');
		},
	);

	scenario(
		`a device whose clock is ${clock}, and whom nobody tells the time, stays away until its clock is set`,
		{ needs: ['fleet', 'update', 'tls'] },
		async ({ openFleet, expect }) => {
			const fleet = await openFleet({ devices: 3, harnessImages: true, certificates: { timeSource: false } });
			await fleet.ready({ withinMs: HOUR_MS });
			const device = await misleadFirst(fleet, byMs);
			await fleet.deploy(fleet.releases.candidate());
			await fleet.sleep(10 * MINUTE_MS);
			expect(fleet.refusedBrokers.has(code), `${code} was to be found, these were: ${[...fleet.refusedBrokers.keys()].join(', ') || 'none'}`);
			expect(!isUpdated(device), 'it was not to come by the update');
			expect(fleet.devices.slice(1).every(isUpdated), 'the others were to be updated');
			fleet.arm(device, { kind: 'clock-jump', afterMs: 1_000, byMs: -byMs });
			await fleet.settle({ withinMs: HOUR_MS });
			expect(isUpdated(device), 'with its clock set it was to be updated');
		},
	);
}
