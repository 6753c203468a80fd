import { type FleetDevice, type FleetOptions, type FleetPort, scenario, type UpdateProtocol } from '../harness/index.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

const NEEDS = { needs: ['fleet', 'update', 'network', 'service'] } as const;
const LINK = { latencyMs: 60, jitterMs: 20, bandwidthBytesPerS: 20_000, lossRatio: 0 };
const FEW = { devices: 3, profiles: ['sensor'], link: LINK, referenceShare: 0 } as const;

const PROTOCOLS = ['hawkbit', 'mender', 'thingsboard'] as const satisfies readonly UpdateProtocol[];

const named = (devices: readonly FleetDevice[]): string =>
	devices.map(({ id, state, version, outcome, reportedReason }) => `${id} ${state} ${version} ${outcome} (${reportedReason})`).join('; ');

type Expect = (condition: boolean, message: string) => void;

const expectEnds = (
	devices: readonly FleetDevice[],
	{ expect, outcome, says }: { readonly expect: Expect; readonly outcome: string; readonly says?: RegExp },
): void => {
	const others = devices.filter((device) => device.outcome !== outcome || (says !== undefined && !says.test(device.reportedReason ?? '')));
	expect(others.length === 0, `every device was to end ${outcome}${says ? ` with ${says}` : ''}; these did not: ${named(others)}`);
};

for (const protocol of PROTOCOLS) {
	const open = async (openFleet: (options: FleetOptions) => Promise<FleetPort>, change: FleetOptions = {}): Promise<FleetPort> => {
		const fleet = await openFleet({ ...FEW, protocol, ...change });
		await fleet.ready({ withinMs: HOUR_MS });
		return fleet;
	};

	scenario(`over ${protocol} a release reaches every device, and a second one after it`, NEEDS, async ({ openFleet, expect }) => {
		const fleet = await open(openFleet, { profiles: ['sensor', 'meter/mcuboot-swap-move'] });
		await fleet.deploy(fleet.releases.candidate({ revocable: true }));
		await fleet.settle({ withinMs: 2 * HOUR_MS });
		expectEnds(fleet.devices, { expect, outcome: 'updated' });
		await fleet.deploy(fleet.releases.installed());
		await fleet.settle({ withinMs: 2 * HOUR_MS });
		expectEnds(fleet.devices, { expect, outcome: 'updated' });
	});

	scenario(`over ${protocol} a connection that is reset in a download costs the missing blocks alone`, NEEDS, async ({ openFleet, expect }) => {
		const fleet = await open(openFleet, { harnessImages: true });
		await fleet.deploy(fleet.releases.candidate({ sizeBytes: 'fills-slot' }));
		for (const device of fleet.devices) fleet.arm(device, { kind: 'link-reset', after: { bytes: 20_000 } });
		await fleet.settle({ withinMs: 2 * HOUR_MS });
		expect(fleet.faultsFired('link-reset') === FEW.devices, `each of ${FEW.devices} links was to be reset once, ${fleet.faultsFired('link-reset')} were`);
		expectEnds(fleet.devices, { expect, outcome: 'updated' });
	});

	scenario(
		`over ${protocol} power is lost at a message of an update, at another for each device, and every one ends updated or reverted`,
		NEEDS,
		async ({ openFleet, expect }) => {
			const fleet = await open(openFleet, { devices: 8 });
			fleet.devices.forEach((device, index) => {
				fleet.arm(device, { kind: 'power-cut', moment: { at: 'message', message: 1 + index }, offMs: 20_000 });
			});
			await fleet.deploy(fleet.releases.candidate());
			await fleet.settle({ withinMs: 2 * HOUR_MS });
			const fired = fleet.faultsFired('power-cut');
			expect(fired === fleet.devices.length, `each of ${fleet.devices.length} devices was to lose its power once, ${fired} did`);
			// A trial that power breaks off gives way to the image before.
			const reverted = fleet.devices.filter(({ outcome }) => outcome === 'reverted');
			expect(reverted.length < fleet.devices.length, `some device was to be updated; all were not: ${named(reverted)}`);
			expectEnds(
				fleet.devices.filter((device) => !reverted.includes(device)),
				{ expect, outcome: 'updated' },
			);
		},
	);

	scenario(`over ${protocol} an image whose bits change on the way is refused, and the reason is told`, NEEDS, async ({ openFleet, expect }) => {
		const fleet = await open(openFleet);
		fleet.armService({ kind: 'artifacts-wrong', afterMs: 0, forMs: HOUR_MS, what: 'flipped-bit' });
		await fleet.sleep(10);
		await fleet.deploy(fleet.releases.candidate());
		await fleet.settle({ withinMs: HOUR_MS });
		expectEnds(fleet.devices, { expect, outcome: 'refused', says: /digest/ });
	});

	scenario(`over ${protocol} an image for other hardware is refused, and the reason is told`, NEEDS, async ({ openFleet, expect }) => {
		const fleet = await open(openFleet);
		await fleet.deploy(fleet.releases.forbidden('other-hardware'));
		await fleet.settle({ withinMs: HOUR_MS });
		expectEnds(fleet.devices, { expect, outcome: 'refused', says: /class|hardware/ });
	});

	scenario(`over ${protocol} an update that is taken back in mid-download is not carried out, and the next one is`, NEEDS, async ({ openFleet, expect }) => {
		const fleet = await open(openFleet, { harnessImages: true, link: { ...LINK, bandwidthBytesPerS: 600 } });
		const deployment = await fleet.deploy(fleet.releases.candidate({ sizeBytes: 'fills-slot' }));
		await fleet.sleep(MINUTE_MS);
		const begun = fleet.devices.filter(({ state }) => state === 'downloading');
		expect(begun.length === fleet.devices.length, `every device was to be downloading by then; these were not: ${named(fleet.devices)}`);
		await fleet.cancel(deployment, { force: true });
		await fleet.settle({ withinMs: HOUR_MS });
		expectEnds(fleet.devices, { expect, outcome: 'unchanged' });
		const trials = fleet.devices.filter(({ boots }) => boots > 1);
		expect(trials.length === 0, `no device was to boot for an update that was taken back; these did: ${named(trials)}`);
		await fleet.deploy(fleet.releases.candidate());
		await fleet.settle({ withinMs: HOUR_MS });
		expectEnds(fleet.devices, { expect, outcome: 'updated' });
	});

	scenario(`over ${protocol} a service that is away in mid-download is waited for`, NEEDS, async ({ openFleet, expect }) => {
		const fleet = await open(openFleet, { harnessImages: true, link: { ...LINK, bandwidthBytesPerS: 1_000 } });
		await fleet.deploy(fleet.releases.candidate({ sizeBytes: 'fills-slot' }));
		fleet.armService({ kind: 'broker-restart', afterMs: 45_000, downMs: 2 * MINUTE_MS, sessions: 'kept' });
		await fleet.settle({ withinMs: 3 * HOUR_MS });
		expect(fleet.faultsFired('broker-restart') === 1, 'the service was to be away in mid-download, and nobody felt it');
		expectEnds(fleet.devices, { expect, outcome: 'updated' });
	});

	scenario(`over ${protocol} an image that fails its self-test is taken back, and the service told so`, NEEDS, async ({ openFleet, expect }) => {
		const fleet = await open(openFleet);
		await fleet.deploy(fleet.releases.behaving('fails-self-test'));
		await fleet.settle({ withinMs: 2 * HOUR_MS });
		expectEnds(fleet.devices, { expect, outcome: 'reverted', says: /reverted/ });
	});
}
