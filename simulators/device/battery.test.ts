import test from 'ava';
import { withBench } from './bench.test.support.js';
import { FLEET_PROFILES } from './profile.js';

const HOUR_MS = 3_600_000;

test.serial('a device with a battery reports its charge, and one on the mains reports none', async (t) => {
	for (const [index, percent] of [100, undefined].entries()) {
		await withBench({ profile: FLEET_PROFILES[index] as (typeof FLEET_PROFILES)[number] }, async (bench) => {
			await bench.start();
			t.is(bench.cloud.lastReport('device-1')?.batteryPercent, percent);
		});
	}
});

test.serial('a job that finds the battery low stays at the service until there is charge, and can be taken back', (t) =>
	withBench({}, async (bench) => {
		await bench.start();
		bench.device.arm({ kind: 'battery-low', percent: 10, afterMs: 1, forMs: 9 * HOUR_MS });
		await bench.sleep(10);
		t.is(bench.eventsOf('fault-fired').length, 0);
		const job = bench.deploy(bench.imageOf(bench.releases.candidate()));
		await bench.sleep(1.9 * HOUR_MS);
		t.is(bench.status(job), 'QUEUED');
		t.true(bench.device.atRest);
		t.deepEqual(
			bench.eventsOf('fault-fired').map(({ detail }) => detail),
			['10 % was read, and an update waits for 30 %'],
		);
		await bench.until(() => bench.status(job) === 'SUCCEEDED', 'the job to succeed', HOUR_MS);
		t.is(bench.device.running?.version, '2.0.0+0');
	}),
);

test.serial('a battery that falls low in the download holds the reboot until it has charged', (t) =>
	withBench({ link: { latencyMs: 20, jitterMs: 0, bandwidthBytesPerS: 8_000, lossRatio: 0 } }, async (bench) => {
		await bench.start();
		bench.device.arm({ kind: 'battery-low', percent: 20, afterMs: 3_000, forMs: 8 * HOUR_MS });
		const job = bench.deploy(bench.imageOf(bench.releases.candidate()));
		await bench.until(() => bench.eventsOf('device-downloaded').length > 0, 'the download');
		bench.links.at(-1)?.reset();
		await bench.sleep(0.8 * HOUR_MS);
		t.is(bench.device.tally.boots, 1);
		t.is(bench.device.state, 'installing');
		t.is(bench.status(job), 'IN_PROGRESS');
		await bench.end(job);
		t.is(bench.status(job), 'SUCCEEDED');
		t.is(bench.eventsOf('device-trial-requested').length, 1);
		t.true((bench.eventsOf('device-trial-requested')[0]?.at ?? 0) >= HOUR_MS);
	}),
);

test.serial('a job that is taken back while the reboot waits for charge is given up', (t) =>
	withBench({}, async (bench) => {
		await bench.start();
		bench.device.arm({ kind: 'battery-low', percent: 20, afterMs: 100, forMs: 8 * HOUR_MS });
		const job = bench.deploy(bench.imageOf(bench.releases.candidate()));
		await bench.until(() => bench.eventsOf('device-downloaded').length > 0, 'the download');
		await bench.run(async () => bench.cloud.cancelJob(job, { force: true }));
		await bench.sleep(3 * HOUR_MS);
		t.is(bench.eventsOf('device-trial-requested').length, 0);
		t.is(bench.device.running?.version, '1.0.0+0');
		t.true(bench.device.atRest);
	}),
);

test.serial('a battery cannot be low where there is none', (t) =>
	withBench({ profile: FLEET_PROFILES[1] as (typeof FLEET_PROFILES)[number] }, async (bench) => {
		t.throws(() => bench.device.arm({ kind: 'battery-low', percent: 5, afterMs: 1, forMs: 1_000 }), {
			instanceOf: RangeError,
			message: /a device with a battery was expected/,
		});
	}),
);
