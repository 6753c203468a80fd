import { type DeviceOutcome, type FleetDevice, scenario, type ServiceFault } from '../harness/index.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

const NEEDS = { needs: ['fleet', 'update', 'service'] } as const;
const LINK = { latencyMs: 100, jitterMs: 30, bandwidthBytesPerS: 20_000, lossRatio: 0 };
const FEW = { devices: 3, link: LINK, referenceShare: 0 };

const named = (devices: readonly FleetDevice[]): string => devices.map(({ id, state, version, outcome }) => `${id} ${state} ${version} ${outcome}`).join('; ');

interface Wrong {
	readonly fault: ServiceFault;
	/** What every device comes to. */
	readonly outcome: DeviceOutcome;
	/** What it says of it. */
	readonly says?: RegExp;
}

/** What a service answers while devices are in the middle of their downloads. */
const ANSWERS: Readonly<Record<string, Wrong>> = {
	'every request is throttled for three minutes': { fault: { kind: 'throttled', afterMs: 1_000, forMs: 3 * MINUTE_MS }, outcome: 'updated' },
	'every answer is an HTML page': { fault: { kind: 'answers-wrong', afterMs: 1_000, forMs: 3 * MINUTE_MS, what: 'html-page' }, outcome: 'updated' },
	'blocks have places outside of the file': {
		fault: { kind: 'answers-wrong', afterMs: 1_000, forMs: 2 * MINUTE_MS, what: 'strange-block' },
		outcome: 'updated',
	},
	'blocks are shorter than they should be': {
		fault: { kind: 'answers-wrong', afterMs: 1_000, forMs: 5 * MINUTE_MS, what: 'short-block' },
		outcome: 'refused',
		says: /other sizes/,
	},
	'a bit of each block is another': {
		fault: { kind: 'answers-wrong', afterMs: 1_000, forMs: MINUTE_MS, what: 'flipped-bit' },
		outcome: 'refused',
		says: /digest|hash|sha/i,
	},
	'an answer has no end': {
		fault: { kind: 'answers-endless', afterMs: 1_000, forMs: 20 * MINUTE_MS, everyMs: 200 },
		outcome: 'refused',
		says: /nobody asked for/,
	},
	'answers take up to fifteen seconds and overtake one another': {
		fault: { kind: 'answers-slow', afterMs: 0, forMs: 10 * MINUTE_MS, upToMs: 15_000 },
		outcome: 'updated',
	},
	'the file is replaced by another': { fault: { kind: 'file-swapped', afterMs: 0, forMs: 10 * MINUTE_MS }, outcome: 'refused', says: /VersionMismatch/ },
};

for (const [title, { fault, outcome, says = /^/ }] of Object.entries(ANSWERS)) {
	scenario(`${title} in the middle of a download: every device is ${outcome}, and takes the next release`, NEEDS, async ({ openFleet, expect }) => {
		const fleet = await openFleet(FEW);
		await fleet.ready({ withinMs: HOUR_MS });
		fleet.armService(fault);
		await fleet.deploy(fleet.releases.candidate({ revocable: true }));
		await fleet.settle({ withinMs: 2 * HOUR_MS });
		const reached = fleet.faultsFired(fault.kind);
		expect(reached === FEW.devices, `the fault was to reach every device, it reached ${reached}`);
		const wrong = fleet.devices.filter((device) => device.outcome !== outcome);
		expect(wrong.length === 0, `every device was to be ${outcome}; these were not: ${named(wrong)}`);
		const silent = fleet.devices.filter((device) => device.outcome === 'refused' && !says.test(device.reportedReason ?? ''));
		expect(silent.length === 0, `the reason was to be ${says}; ${silent[0]?.id} said '${silent[0]?.reportedReason}'`);
		await fleet.sleep(20 * MINUTE_MS);
		await fleet.deploy(fleet.releases.behaving('healthy'));
		await fleet.settle({ withinMs: HOUR_MS });
		const left = fleet.devices.filter((device) => device.outcome !== 'updated');
		expect(left.length === 0, `every device was to take the next release; these did not: ${named(left)}`);
	});
}

scenario('the service is deaf in the middle of a wave: the rollout completes', NEEDS, async ({ openFleet, expect }) => {
	const fleet = await openFleet({ ...FEW, devices: 6 });
	await fleet.ready({ withinMs: HOUR_MS });
	// The pilot takes some six minutes, soak of the trial included.
	fleet.armService({ kind: 'service-down', afterMs: 8 * MINUTE_MS, forMs: 5 * MINUTE_MS });
	const result = await fleet.rollout(fleet.releases.candidate(), { pilot: 3, waves: [], maxFailureRatio: 0.1, waveTimeoutMs: HOUR_MS });
	await fleet.settle({ withinMs: HOUR_MS });
	expect(result.outcome === 'completed', `the rollout was to complete, it ended ${result.outcome}`);
});

/** The first, three trials and a revert. */
const MOST_BOOTS = 5;

/** When a service goes back to its backup, and to which. */
const RESTORES: Readonly<Record<string, { readonly backupAfterMs: number; readonly afterMs: number }>> = {
	'to a time before the job while devices download': { backupAfterMs: 0, afterMs: 3_000 },
	'to a time before the job while devices are on trial': { backupAfterMs: 0, afterMs: 2 * MINUTE_MS },
	'to the queued job while devices are on trial': { backupAfterMs: 100, afterMs: 2 * MINUTE_MS },
	'to the queued job after every device is updated': { backupAfterMs: 100, afterMs: 20 * MINUTE_MS },
};

for (const [when, restore] of Object.entries(RESTORES)) {
	scenario(`a service restored ${when} learns the truth from its devices`, NEEDS, async ({ openFleet, expect }) => {
		const fleet = await openFleet(FEW);
		await fleet.ready({ withinMs: HOUR_MS });
		fleet.armService({ kind: 'service-restored', ...restore, downMs: 10_000 });
		await fleet.sleep(50);
		const release = fleet.releases.candidate();
		await fleet.deploy(release);
		await fleet.sleep(30 * MINUTE_MS);
		await fleet.settle({ withinMs: HOUR_MS });
		const expected = restore.backupAfterMs === 0 ? fleet.releases.installed().version : release.version;
		const wrong = fleet.devices.filter(({ version, boots }) => version !== expected || boots > MOST_BOOTS);
		expect(wrong.length === 0, `every device was to run ${expected} after at most ${MOST_BOOTS} boots; these do not: ${named(wrong)}`);
	});
}

scenario('a service restored to a job before the last offers it again: no device goes back to it', NEEDS, async ({ openFleet, expect }) => {
	const fleet = await openFleet(FEW);
	await fleet.ready({ withinMs: HOUR_MS });
	fleet.armService({ kind: 'service-restored', backupAfterMs: 100, afterMs: 40 * MINUTE_MS, downMs: 10_000 });
	await fleet.sleep(50);
	await fleet.deploy(fleet.releases.candidate({ revocable: true }));
	await fleet.settle({ withinMs: HOUR_MS });
	const last = fleet.releases.behaving('healthy');
	await fleet.deploy(last);
	await fleet.sleep(50 * MINUTE_MS);
	await fleet.settle({ withinMs: HOUR_MS });
	const wrong = fleet.devices.filter(({ version, boots }) => version !== last.version || boots !== 3);
	expect(wrong.length === 0, `every device was to go on running ${last.version}; these do not: ${named(wrong)}`);
});
