import { type ServiceFault, scenario } from '../harness/index.js';

const HOUR_MS = 3_600_000;

const FAULTS: Readonly<Record<string, readonly ServiceFault[]>> = {
	'the broker restarts in the middle of a rollout and keeps its sessions': [{ kind: 'broker-restart', afterMs: 1_500, downMs: 20_000, sessions: 'kept' }],
	'the broker restarts in the middle of a rollout and loses its sessions': [{ kind: 'broker-restart', afterMs: 1_500, downMs: 20_000, sessions: 'lost' }],
	'the broker restarts again and again': Array.from({ length: 4 }, (_, round) => ({
		kind: 'broker-restart',
		afterMs: 2_000 + round * 90_000,
		downMs: 15_000,
		sessions: round % 2 === 0 ? 'lost' : 'kept',
	})),
	'the broker dies while new images are on trial': [{ kind: 'broker-restart', afterMs: 120_000, downMs: 240_000, sessions: 'lost' }],
	'the service is deaf for two minutes while the broker is up': [{ kind: 'service-down', afterMs: 1_200, forMs: 120_000 }],
};

for (const [title, faults] of Object.entries(FAULTS)) {
	scenario(`${title}: every device converges`, { needs: ['fleet', 'update', 'service'] }, async ({ openFleet, options, expect }) => {
		const fleet = await openFleet({
			devices: Math.ceil(options.devices / 4),
			link: { latencyMs: 100, jitterMs: 30, bandwidthBytesPerS: 30_000, lossRatio: 0 },
		});
		await fleet.ready({ withinMs: HOUR_MS });
		for (const fault of faults) fleet.armService(fault);
		await fleet.deploy(fleet.releases.candidate());
		await fleet.settle({ withinMs: 12 * HOUR_MS });
		const late = fleet.devices.filter(({ outcome }) => outcome !== 'updated').map(({ id, state, outcome }) => `${id} ${state}, ${outcome}`);
		expect(late.length === 0, `every device was to be updated; these were not: ${late.slice(0, 10).join('; ')}`);
	});
}
