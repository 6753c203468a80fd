import { type FleetDevice, type ServiceFault, scenario } from '../harness/index.js';

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
			devices: Math.ceil(options.devices / 10),
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

const WAVE_TIMEOUT_MS = HOUR_MS / 2;

const isDownloading = ({ state }: FleetDevice): boolean => state === 'downloading';

for (const { sessions, downMs, outcome } of [
	{ sessions: 'kept', downMs: 60_000, outcome: 'completed' },
	{ sessions: 'lost', downMs: 60_000, outcome: 'completed' },
	{ sessions: 'lost', downMs: 2 * WAVE_TIMEOUT_MS, outcome: 'halted' },
] as const) {
	scenario(
		`the broker dies in the middle of a wave for ${downMs / 60_000} min, its sessions ${sessions}: the rollout is ${outcome}, and silence is no success`,
		{ needs: ['fleet', 'update', 'service'] },
		async ({ openFleet, expect }) => {
			const fleet = await openFleet({
				devices: 12,
				link: { latencyMs: 100, jitterMs: 30, bandwidthBytesPerS: 4_000, lossRatio: 0 },
				sessions: sessions === 'kept' ? 'lasting' : 'clean',
			});
			await fleet.ready({ withinMs: HOUR_MS });
			const release = fleet.releases.candidate();
			const rollout = fleet.rollout(release, { pilot: 2, waves: [4], maxFailureRatio: 0.1, waveTimeoutMs: WAVE_TIMEOUT_MS });
			const isInSecondWave = (): boolean => fleet.devices.filter(({ version }) => version === release.version).length >= 2 && fleet.devices.some(isDownloading);
			for (let waitedMs = 0; !isInSecondWave() && waitedMs < HOUR_MS; waitedMs += 1_000) await fleet.sleep(1_000);
			expect(isInSecondWave(), 'a second wave was to begin');
			fleet.armService({ kind: 'broker-restart', afterMs: 1_000, downMs, sessions });
			const result = await rollout;
			await fleet.sleep(downMs);
			await fleet.settle({ withinMs: 12 * HOUR_MS });
			expect(result.outcome === outcome, `the rollout was to be ${outcome}, it was ${result.outcome}`);
			const reached = fleet.devices.filter(({ version }) => version === release.version).length;
			// What had begun goes on; what had not is taken back.
			if (outcome === 'halted') expect(reached <= 6 && result.untouched === 6, `nobody beyond pilot and wave was to be reached; ${reached} run it`);
			else expect(reached === 12, `every device was to be updated, ${reached} were`);
		},
	);
}

scenario(
	'the broker dies while a pilot tries a bad release, for longer than the wave may take: nobody else is reached',
	{ needs: ['fleet', 'update', 'service'] },
	async ({ openFleet, expect }) => {
		const fleet = await openFleet({ devices: 12, harnessImages: true });
		await fleet.ready({ withinMs: HOUR_MS });
		const bad = fleet.releases.behaving('crashes-after-minutes');
		fleet.armService({ kind: 'broker-restart', afterMs: 60_000, downMs: 2 * WAVE_TIMEOUT_MS, sessions: 'lost' });
		const result = await fleet.rollout(bad, { pilot: 2, waves: [4], maxFailureRatio: 0.1, waveTimeoutMs: WAVE_TIMEOUT_MS });
		await fleet.sleep(2 * WAVE_TIMEOUT_MS);
		await fleet.settle({ withinMs: 12 * HOUR_MS });
		expect(result.outcome === 'halted' && result.untouched === 10, `the pilot was to halt it, it ended ${result.outcome} with ${result.untouched} untouched`);
		expect(
			fleet.devices.every(({ version }) => version === fleet.releases.installed().version),
			'every device was to run the old image in the end',
		);
	},
);
