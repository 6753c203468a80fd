import { type FleetDevice, type FleetPort, scenario, type ServiceFault } from '../harness/index.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

const NEEDS = { needs: ['fleet', 'update', 'service'] } as const;

/** Slow enough that every phase of an update lasts a while. */
const LINK = { latencyMs: 150, jitterMs: 20, bandwidthBytesPerS: 20_000, lossRatio: 0 };
const FEW = { devices: 3, link: LINK, referenceShare: 0 };

const WATCH_EVERY_MS = 100;

const named = (devices: readonly FleetDevice[]): string => devices.map(({ id, state, version, outcome }) => `${id} ${state} ${version} ${outcome}`).join('; ');

/** What goes wrong around a job that a right device carries out once all the same. */
const AROUND_ONE_JOB: Readonly<Record<string, readonly ServiceFault[]>> = {
	'a notice of the job comes again and again': [{ kind: 'job-repeated', afterMs: 2_000, everyMs: 20_000, times: 30 }],
	'a notice of the job is retained by the broker': [{ kind: 'job-retained', afterMs: 3_000 }],
	'the report of its end is lost': [{ kind: 'report-lost', afterMs: 0, lost: 'report', times: 2 }],
	'the answer to the report of its end is lost': [{ kind: 'report-lost', afterMs: 0, lost: 'answer', times: 1 }],
	'its end is reported twice': [{ kind: 'report-repeated', afterMs: 0 }],
	'somebody else changes the job before each of two reports': [{ kind: 'version-conflict', afterMs: 0, times: 2 }],
};

for (const [title, faults] of Object.entries(AROUND_ONE_JOB)) {
	scenario(`${title}: the job has effect once`, NEEDS, async ({ openFleet, expect }) => {
		const fleet = await openFleet(FEW);
		await fleet.ready({ withinMs: HOUR_MS });
		for (const fault of faults) fleet.armService(fault);
		await fleet.deploy(fleet.releases.candidate());
		await fleet.settle({ withinMs: 2 * HOUR_MS });
		for (const { kind } of faults) expect(fleet.faultsFired(kind) === FEW.devices, `${kind} was to reach every device, it reached ${fleet.faultsFired(kind)}`);
		const late = fleet.devices.filter(({ outcome, boots }) => outcome !== 'updated' || boots !== 2);
		expect(late.length === 0, `every device was to be updated with one reboot; these were not: ${named(late)}`);
	});
}

scenario('old notices of a job that is over come during the next one: both jobs have effect once', NEEDS, async ({ openFleet, expect }) => {
	const fleet = await openFleet(FEW);
	await fleet.ready({ withinMs: HOUR_MS });
	fleet.armService({ kind: 'job-retained', afterMs: 5 * MINUTE_MS });
	fleet.armService({ kind: 'job-repeated', afterMs: 5 * MINUTE_MS, everyMs: 2_000, times: 200 });
	await fleet.deploy(fleet.releases.candidate({ revocable: true }));
	await fleet.settle({ withinMs: HOUR_MS });
	fleet.armService({ kind: 'broker-restart', afterMs: 4_000, downMs: 2_000, sessions: 'lost' });
	const last = fleet.releases.behaving('healthy');
	await fleet.deploy(last);
	await fleet.settle({ withinMs: HOUR_MS });
	expect(fleet.faultsFired('job-retained') === FEW.devices, 'every device was to meet the retained notice');
	const wrong = fleet.devices.filter(({ version, boots }) => version !== last.version || boots !== 3);
	expect(wrong.length === 0, `every device was to run ${last.version} after two updates; these do not: ${named(wrong)}`);
});

interface Phase {
	readonly name: string;
	isReached(device: FleetDevice): boolean;
}

const PHASES: readonly Phase[] = [
	{ name: 'queued', isReached: () => true },
	{ name: 'downloading', isReached: ({ state }) => state === 'downloading' },
	{ name: 'installing', isReached: ({ state }) => state === 'installing' },
	{ name: 'rebooting', isReached: ({ state, boots }) => state === 'booting' && boots === 1 },
	{ name: 'on trial', isReached: ({ state }) => state === 'testing' },
];
const phaseOf = (index: number): Phase => PHASES[index % PHASES.length] as Phase;
const TWO_OF_EACH = { devices: 2 * PHASES.length, link: LINK, referenceShare: 0 };

/** Does something to each device as it reaches its own phase; names those that never did. */
const inItsPhase = async (fleet: FleetPort, act: (device: FleetDevice) => Promise<unknown>): Promise<string> => {
	const waiting = new Map(fleet.devices.map((device, index) => [device, phaseOf(index)]));
	for (let waitedMs = 0; waiting.size > 0 && waitedMs < HOUR_MS; waitedMs += WATCH_EVERY_MS) {
		for (const [device, phase] of waiting) {
			if (!phase.isReached(device)) continue;
			waiting.delete(device);
			await act(device);
		}
		await fleet.sleep(WATCH_EVERY_MS);
	}
	return [...waiting].map(([{ id }, { name }]) => `${id} never ${name}`).join(', ');
};

scenario(
	'a job cancelled by force while it is queued, downloaded, installed, rebooted into or on trial leaves the old image',
	NEEDS,
	async ({ openFleet, expect }) => {
		const fleet = await openFleet(TWO_OF_EACH);
		await fleet.ready({ withinMs: HOUR_MS });
		const deployment = await fleet.deploy(fleet.releases.candidate());
		const missed = await inItsPhase(fleet, (device) => fleet.cancel(deployment, { devices: [device], force: true }));
		expect(missed === '', `every phase was to be reached: ${missed}`);
		await fleet.settle({ withinMs: HOUR_MS });
		const wrong = fleet.devices.filter(({ version, outcome }) => version !== fleet.releases.installed().version || outcome !== 'unchanged');
		expect(wrong.length === 0, `every device was to keep its image; these did not: ${named(wrong)}`);
	},
);

scenario('a job cancelled without force is taken back where it has not begun, and goes on elsewhere', NEEDS, async ({ openFleet, expect }) => {
	const fleet = await openFleet(TWO_OF_EACH);
	await fleet.ready({ withinMs: HOUR_MS });
	const deployment = await fleet.deploy(fleet.releases.candidate());
	const missed = await inItsPhase(fleet, (device) => fleet.cancel(deployment, { devices: [device] }));
	expect(missed === '', `every phase was to be reached: ${missed}`);
	await fleet.settle({ withinMs: HOUR_MS });
	const wrong = fleet.devices.filter(({ outcome }, index) => outcome !== (phaseOf(index).name === 'queued' ? 'unchanged' : 'updated'));
	expect(wrong.length === 0, `the queued were to keep their image and the others to be updated; these were not: ${named(wrong)}`);
});

scenario('a job superseded in each phase ends with the later release, and never a mixture', NEEDS, async ({ openFleet, expect }) => {
	const fleet = await openFleet(TWO_OF_EACH);
	await fleet.ready({ withinMs: HOUR_MS });
	const last = fleet.releases.behaving('healthy');
	const supersedes = await fleet.deploy(fleet.releases.candidate({ revocable: true }));
	const missed = await inItsPhase(fleet, (device) => fleet.deploy(last, { devices: [device], supersedes }));
	expect(missed === '', `every phase was to be reached: ${missed}`);
	await fleet.settle({ withinMs: 2 * HOUR_MS });
	const wrong = fleet.devices.filter(({ version, outcome }) => version !== last.version || outcome !== 'updated');
	expect(wrong.length === 0, `every device was to run ${last.version}; these do not: ${named(wrong)}`);
});

scenario(
	'a job cancelled after the device has confirmed its image and before it could say so: the device keeps it and says so',
	NEEDS,
	async ({ openFleet, expect }) => {
		const fleet = await openFleet(FEW);
		await fleet.ready({ withinMs: HOUR_MS });
		fleet.armService({ kind: 'report-lost', afterMs: 0, lost: 'report', times: 1 });
		const release = fleet.releases.candidate();
		const deployment = await fleet.deploy(release);
		for (let waitedMs = 0; fleet.faultsFired('report-lost') < FEW.devices && waitedMs < HOUR_MS; waitedMs += WATCH_EVERY_MS) await fleet.sleep(WATCH_EVERY_MS);
		await fleet.cancel(deployment, { force: true });
		await fleet.settle({ withinMs: HOUR_MS });
		const wrong = fleet.devices.filter(({ version, boots }) => version !== release.version || boots !== 2);
		expect(wrong.length === 0, `every device was to go on running ${release.version}; these do not: ${named(wrong)}`);
	},
);

scenario('a link that is down while a job is cancelled: the download is not gone on with', NEEDS, async ({ openFleet, expect }) => {
	const fleet = await openFleet(FEW);
	await fleet.ready({ withinMs: HOUR_MS });
	for (const device of fleet.devices) fleet.arm(device, { kind: 'link-half-open', after: { messages: 8 } });
	const deployment = await fleet.deploy(fleet.releases.candidate());
	for (let waitedMs = 0; fleet.faultsFired('link-half-open') < FEW.devices && waitedMs < HOUR_MS; waitedMs += WATCH_EVERY_MS) await fleet.sleep(WATCH_EVERY_MS);
	await fleet.cancel(deployment, { force: true });
	await fleet.settle({ withinMs: HOUR_MS });
	const wrong = fleet.devices.filter(({ boots, outcome }) => boots !== 1 || outcome !== 'unchanged');
	expect(wrong.length === 0, `no device was to boot into what was cancelled; these did: ${named(wrong)}`);
});
