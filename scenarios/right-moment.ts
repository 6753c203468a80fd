import { type CampaignPlan, type FleetPlace, parsePlan, scenario } from '../harness/index.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

const PLACES: readonly FleetPlace[] = [{ hardware: 'sensor-r1' }, { hardware: 'meter-r2' }];

/** A plan for sensors on batteries and meters on the mains; `lines` are keys of its own. */
const planOf = (name: string, ...lines: readonly string[]): CampaignPlan =>
	parsePlan(
		[
			`name: ${name}`,
			'approver: Dana Okafor',
			'inventory:',
			'  - { group: sensors, hardware: sensor-r1, version: 1.0.0 }',
			'  - { group: meters, hardware: meter-r2, version: 1.0.0 }',
			'order: any',
			'updateTakes: 20m',
			...lines,
		].join('\n'),
		{ file: `${name}.yaml` },
	);

scenario(
	'a maintenance window in the hour that comes twice in autumn opens once',
	{ needs: ['fleet', 'update', 'virtual-time'] },
	async ({ openFleet, expect, evidence }) => {
		const fleet = await openFleet({ devices: 6, harnessImages: true, places: PLACES, startEpochMs: Date.parse('2026-10-24T20:00Z') });
		await fleet.ready({ withinMs: HOUR_MS });
		// In Berlin it is 02:15 at 00:15 UTC and, after the clock went back, once more at 01:15 UTC.
		const plan = planOf('winter-time', 'pilot: 2', 'soak: 40m', 'windows: [{ from: 02:15, to: 02:45, timeZone: Europe/Berlin }]');
		const { outcome, jobs } = await fleet.campaign(plan);
		await fleet.settle({ withinMs: HOUR_MS });
		evidence('starts', [...new Set(jobs.map(({ sentEpochMs }) => new Date(sentEpochMs).toISOString().slice(0, 16)))].join(', '));
		expect(outcome === 'completed' && jobs.length === 6, `six devices were to be updated, ${jobs.length} were, and it ended ${outcome}`);
		for (const { device, wave, sentEpochMs } of jobs) {
			const opensMs = Date.parse(wave === 0 ? '2026-10-25T00:15Z' : '2026-10-26T01:15Z');
			const isInside = sentEpochMs >= opensMs && sentEpochMs <= opensMs + 10 * MINUTE_MS;
			expect(isInside, `${device} was to start within ten minutes of ${new Date(opensMs).toISOString()}, it did at ${new Date(sentEpochMs).toISOString()}`);
		}
	},
);

scenario(
	'a device whose battery is low takes its update when it has charged, and its campaign waits for it',
	{ needs: ['fleet', 'update', 'virtual-time'] },
	async ({ openFleet, expect }) => {
		const fleet = await openFleet({ devices: 6, harnessImages: true, places: PLACES, reportEveryMs: 10 * MINUTE_MS });
		await fleet.ready({ withinMs: HOUR_MS });
		const [low, , empty] = fleet.devices;
		if (!low || !empty) return;
		fleet.arm(low, { kind: 'battery-low', percent: 10, afterMs: 1, forMs: 9 * HOUR_MS });
		fleet.arm(empty, { kind: 'battery-low', percent: 2, afterMs: 1, forMs: 200 * HOUR_MS });
		await fleet.sleep(15 * MINUTE_MS);
		const beganMs = fleet.nowMs;
		const { outcome, leftOut, jobs } = await fleet.campaign(planOf('charged-first', 'pilot: 6', 'battery: { minimum: 40%, waits: 6h }'));
		await fleet.settle({ withinMs: HOUR_MS });
		expect(outcome === 'completed' && jobs.length === 5, `five devices were to be updated, ${jobs.length} were, and it ended ${outcome}`);
		const sentMs = jobs.find(({ device }) => device === low.id)?.sentEpochMs ?? 0;
		const waitedMs = sentMs - Math.min(...jobs.map(({ sentEpochMs }) => sentEpochMs));
		// From 10 % it reaches 40 % after a third of nine hours.
		expect(waitedMs > 2 * HOUR_MS && waitedMs < 4 * HOUR_MS, `${low.id} was to wait for about three hours, it waited for ${waitedMs / HOUR_MS}`);
		const reason = leftOut.find(({ device }) => device === empty.id)?.reason ?? 'none';
		expect(/40 % of charge were expected, got \d %/.test(reason), `${empty.id} was to be left out for its battery, the reason was: ${reason}`);
		expect(fleet.nowMs - beganMs < 8 * HOUR_MS, `the campaign was to wait for six hours at most, it took ${(fleet.nowMs - beganMs) / HOUR_MS}`);
	},
);

scenario(
	'a device asked for an update on a low battery defers it, and does not fail it',
	{ needs: ['fleet', 'update', 'virtual-time'] },
	async ({ openFleet, expect }) => {
		// Over a slow link, so that one battery runs low in the middle of the download.
		const link = { latencyMs: 50, jitterMs: 10, bandwidthBytesPerS: 2_000, lossRatio: 0 };
		const fleet = await openFleet({ devices: 2, harnessImages: true, places: [{ hardware: 'sensor-r1' }], link, referenceShare: 0.01 });
		await fleet.ready({ withinMs: HOUR_MS });
		for (const [index, device] of fleet.devices.entries())
			fleet.arm(device, { kind: 'battery-low', percent: 20, afterMs: index === 0 ? 1 : 10_000, forMs: 16 * HOUR_MS });
		await fleet.sleep(1_000);
		const release = fleet.releases.candidate();
		await fleet.deploy(release);
		// From 20 % it reaches the 30 % that a sensor asks for after an eighth of 16 hours.
		await fleet.sleep(1.9 * HOUR_MS);
		const early = fleet.devices.filter(({ boots, outcome }) => boots !== 1 || outcome !== 'stuck');
		expect(early.length === 0, `nothing was to be installed, and nothing given up, before there was charge; ${early.length} did`);
		await fleet.settle({ withinMs: 2 * HOUR_MS });
		const missed = fleet.devices.filter(({ version }) => version !== release.version);
		expect(missed.length === 0, `both were to be updated once charged, ${missed.map(({ id }) => id).join(', ')} was not`);
	},
);

scenario(
	'at the end of a window nothing is begun that would not fit its rest; who takes longer than planned is let finish, and named',
	{ needs: ['fleet', 'update', 'power', 'virtual-time'] },
	async ({ openFleet, expect }) => {
		const fleet = await openFleet({ devices: 6, harnessImages: true, places: PLACES, startEpochMs: Date.parse('2026-02-03T01:00Z') });
		await fleet.ready({ withinMs: HOUR_MS });
		const [slow] = fleet.devices;
		if (!slow) return;
		// It loses power in the middle, and is back when its window has closed.
		fleet.arm(slow, { kind: 'power-cut', moment: { at: 'message', message: 12 }, offMs: 40 * MINUTE_MS });
		const window = { opensMs: Date.parse('2026-02-03T02:00Z'), closesMs: Date.parse('2026-02-03T02:25Z') };
		// The pilot ends minutes after 02:05, too late for the others that night.
		const plan = planOf('window-end', 'pilot: 3', 'windows: [{ from: 02:00, to: 02:25, timeZone: UTC }]');
		const { outcome, jobs, overran } = await fleet.campaign(plan);
		await fleet.settle({ withinMs: HOUR_MS });
		expect(outcome === 'completed' && jobs.length === 6, `six devices were to be updated, ${jobs.length} were, and it ended ${outcome}`);
		expect(overran.join() === slow.id, `${slow.id} was to be named as outside of its window, got ${overran.join(', ') || 'nobody'}`);
		for (const { device, wave, sentEpochMs } of jobs) {
			const nightMs = wave === 0 ? 0 : 24 * HOUR_MS;
			const fits = sentEpochMs >= window.opensMs + nightMs && sentEpochMs <= window.closesMs + nightMs - 20 * MINUTE_MS;
			expect(fits, `${device} was to start with 20 minutes of its window left, it did at ${new Date(sentEpochMs).toISOString()}`);
		}
		const left = fleet.devices.filter(({ version }) => version !== fleet.releases.candidate().version);
		expect(left.length === 0, `every device was to be updated, ${left.map(({ id }) => id).join(', ')} was not`);
	},
);
