import { scenario, type StatementChange } from '../harness/index.js';

const HOUR_MS = 3_600_000;
/** Slow enough for an attacker to speak in the middle of a download. */
const SLOW = { latencyMs: 50, jitterMs: 10, bandwidthBytesPerS: 2_000, lossRatio: 0 };

scenario(
	"a device that speaks on another's topics is not heard, and the other is none the worse for it",
	{ needs: ['fleet', 'update'] },
	async ({ openFleet, expect }) => {
		const fleet = await openFleet({ devices: 6, harnessImages: true, profiles: ['sensor'], link: SLOW });
		await fleet.ready({ withinMs: HOUR_MS });
		const release = fleet.releases.candidate();
		await fleet.deploy(release);
		// Each of the first three speaks as one of the last three: success of the job that both have, news of a job, a report.
		for (const [index, says] of (['success', 'job', 'report'] as const).entries()) {
			const [attacker, victim] = [fleet.devices[index], fleet.devices[index + 3]];
			if (attacker !== undefined && victim !== undefined) fleet.arm(attacker, { kind: 'forged-message', victim: victim.id, says, afterMs: 10_000 });
		}
		await fleet.settle({ withinMs: 6 * HOUR_MS });
		await fleet.sleep(HOUR_MS);
		const others = fleet.devices.filter(({ outcome }) => outcome !== 'updated').map(({ id, outcome }) => `${id} ${outcome}`);
		expect(others.length === 0, `every device was to be updated, these were not: ${others.join(', ')}`);
	},
);

scenario(
	'a counter that nobody signed is not burnt: the next image that was signed is taken',
	{ needs: ['fleet', 'update'] },
	async ({ openFleet, expect }) => {
		const fleet = await openFleet({ devices: 3, vectors: { installed: 'ed-base.bin', candidate: 'c-seccnt-unprot.bin' } });
		await fleet.ready({ withinMs: HOUR_MS });
		await fleet.deploy(fleet.releases.candidate());
		await fleet.settle({ withinMs: HOUR_MS });
		expect(
			fleet.devices.every(({ outcome, reportedReason }) => outcome === 'refused' && (reportedReason?.includes('SEC_CNT') ?? false)),
			`every device was to refuse it for its counter, got ${fleet.devices[0]?.reportedReason}`,
		);
		await fleet.deploy(fleet.releases.vector('ed-sec3.bin'));
		await fleet.settle({ withinMs: HOUR_MS });
		expect(
			fleet.devices.every(({ outcome }) => outcome === 'updated'),
			'every device was to take the image of counter 3 that was signed',
		);
	},
);

scenario(
	'a counter that was signed too far ahead leaves devices able to take the next image',
	{ needs: ['fleet', 'update'] },
	async ({ openFleet, expect }) => {
		const fleet = await openFleet({ devices: 3, harnessImages: true });
		await fleet.ready({ withinMs: HOUR_MS });
		await fleet.deploy(fleet.releases.forbidden('fast-forward'));
		await fleet.settle({ withinMs: HOUR_MS });
		expect(
			fleet.devices.every(({ outcome, reportedReason }) => outcome === 'refused' && (reportedReason?.startsWith('fast-forward refused') ?? false)),
			`every device was to refuse it as a fast-forward, got ${fleet.devices[0]?.reportedReason}`,
		);
		await fleet.deploy(fleet.releases.candidate());
		await fleet.settle({ withinMs: HOUR_MS });
		expect(
			fleet.devices.every(({ outcome }) => outcome === 'updated'),
			'every device was to take the image that came after',
		);
	},
);

scenario(
	'devices follow their keys over rotations that they missed, refuse what a revoked key signed, and return to what an old key signed',
	{ needs: ['fleet', 'update', 'power', 'virtual-time'] },
	async ({ openFleet, expect }) => {
		const fleet = await openFleet({ devices: 6, harnessImages: true });
		await fleet.ready({ withinMs: HOUR_MS });
		const refusedFor = (reason: string): boolean =>
			fleet.devices.every((device) => device.outcome === 'refused' && (device.reportedReason ?? '').startsWith(reason));
		const [present, missing] = [fleet.devices.slice(0, 3), fleet.devices.slice(3)];
		for (const device of missing) fleet.arm(device, { kind: 'power-cut', moment: { at: 'time', afterMs: 1 }, offMs: 3 * HOUR_MS });
		fleet.rotateKeys();
		await fleet.deploy(fleet.releases.behaving('crashes-at-boot'), { devices: present });
		await fleet.sleep(HOUR_MS);
		expect(
			present.every(({ outcome, version }) => outcome === 'reverted' && version === fleet.releases.installed().version),
			'devices of the new key were to return to the image that the old one signed',
		);
		fleet.rotateKeys();
		await fleet.deploy(fleet.releases.candidate());
		await fleet.settle({ withinMs: 6 * HOUR_MS });
		const left = fleet.devices.filter(({ outcome }) => outcome !== 'updated').map(({ id, reportedReason }) => `${id}: ${reportedReason}`);
		expect(left.length === 0, `every device was to take what the third key signed, these did not: ${left.join('; ')}`);
		await fleet.deploy(fleet.releases.revoked());
		await fleet.settle({ withinMs: HOUR_MS });
		expect(refusedFor('key: the image is signed by none of key set 3'), `every device was to refuse the revoked key, got ${fleet.devices[0]?.reportedReason}`);
		fleet.rotateKeys({ forged: true });
		await fleet.deploy(fleet.releases.behaving('healthy'));
		await fleet.settle({ withinMs: HOUR_MS });
		expect(
			refusedFor('key set 4: it is signed by a key that is not of set 3'),
			`every device was to refuse a stranger's key set, got ${fleet.devices[0]?.reportedReason}`,
		);
	},
);

scenario(
	'a job that is offered for longer than it is good for holds nobody on it: devices that were away refuse it by their own clocks',
	{ needs: ['fleet', 'update', 'power', 'virtual-time'] },
	async ({ openFleet, expect }) => {
		const fleet = await openFleet({ devices: 6, harnessImages: true, certificates: {} });
		await fleet.ready({ withinMs: HOUR_MS });
		const [present, missing] = [fleet.devices.slice(0, 3), fleet.devices.slice(3)];
		for (const device of missing) fleet.arm(device, { kind: 'power-cut', moment: { at: 'time', afterMs: 1 }, offMs: 48 * HOUR_MS });
		await fleet.sleep(1_000);
		await fleet.deploy(fleet.releases.candidate(), { expiresAfterMs: 24 * HOUR_MS });
		await fleet.sleep(49 * HOUR_MS);
		await fleet.settle({ withinMs: HOUR_MS });
		const late = present.filter(({ outcome }) => outcome !== 'updated').map(({ id }) => id);
		expect(late.length === 0, `devices that were there in time were to be updated, these were not: ${late.join(', ')}`);
		const wrong = missing.filter(({ outcome, reportedReason }) => outcome !== 'refused' || !reportedReason?.startsWith('the job expired at'));
		expect(wrong.length === 0, `devices that came too late were to refuse the job as expired, ${wrong[0]?.id} did not: ${wrong[0]?.reportedReason}`);
		await fleet.deploy(fleet.releases.candidate(), { expiresAfterMs: 24 * HOUR_MS });
		await fleet.settle({ withinMs: HOUR_MS });
		expect(
			fleet.devices.every(({ outcome }) => outcome === 'updated'),
			'every device was to take the same release from a job that is good',
		);
	},
);

/** What somebody who has taken the service over, but has no key, does to the statement that goes along with each job, and what devices say to it. */
const CHANGED: Readonly<Record<StatementChange, RegExp>> = {
	prolonged: /^statement: its signature does not match/,
	dropped: /^statement: one that is signed was expected along with the job, there is none/,
	swapped: /^statement: it is for the image [0-9a-f]{12}, the job brings [0-9a-f]{12}/,
};

for (const [how, says] of Object.entries(CHANGED) as [StatementChange, RegExp][]) {
	scenario(
		`a signed statement that is ${how} by a service in wrong hands is refused, and the next that is right is taken`,
		{ needs: ['fleet', 'update', 'service', 'power', 'virtual-time'] },
		async ({ openFleet, expect }) => {
			const fleet = await openFleet({ devices: 6, harnessImages: true, certificates: {} });
			await fleet.ready({ withinMs: HOUR_MS });
			for (const device of fleet.devices) fleet.arm(device, { kind: 'power-cut', moment: { at: 'time', afterMs: 1 }, offMs: 48 * HOUR_MS });
			await fleet.sleep(1_000);
			fleet.armService({ kind: 'statement-changed', afterMs: 1, forMs: 60 * HOUR_MS, how });
			await fleet.deploy(fleet.releases.candidate(), { expiresAfterMs: 24 * HOUR_MS });
			await fleet.sleep(49 * HOUR_MS);
			await fleet.settle({ withinMs: HOUR_MS });
			const refused = fleet.devices.filter(({ outcome }) => outcome === 'refused');
			const told = refused.filter(({ reportedReason }) => says.test(reportedReason ?? ''));
			const reached = fleet.faultsFired('statement-changed');
			// Before one can be swapped, another has gone by as it was, and has expired.
			expect(reached >= (how === 'swapped' ? 4 : 6), `what is said was to be changed for all, or all but the first, it was for ${reached}`);
			expect(
				refused.length === 6 && told.length === reached,
				`all were to refuse it, ${reached} of them for ${says}; ${refused.length} did, ${told.length} for that`,
			);
			await fleet.sleep(12 * HOUR_MS);
			await fleet.deploy(fleet.releases.candidate(), { expiresAfterMs: 24 * HOUR_MS });
			await fleet.settle({ withinMs: HOUR_MS });
			expect(
				fleet.devices.every(({ outcome }) => outcome === 'updated'),
				'every device was to take the same release once its statement is right',
			);
		},
	);
}
