import test from 'ava';
import { createJudge } from '../../harness/invariants/index.js';
import { type Bench, isRequest, withBench } from './bench.test.support.js';
import { FLEET_PROFILES } from './profile.js';

const SLOW = { latencyMs: 20, jitterMs: 0, bandwidthBytesPerS: 8_000, lossRatio: 0 };

const candidate = (bench: Bench) => bench.imageOf(bench.releases.candidate());

/** Milliseconds from each boot to the next, the next boot's own time left out. */
const livesMs = (bench: Bench): readonly number[] => {
	const boots = bench.eventsOf('device-boot');
	return boots.slice(1).map(({ at }, index) => at - (boots[index]?.at ?? 0) - bench.device.profile.timings.bootMs);
};

for (const profile of FLEET_PROFILES) {
	test.serial(`a trial on a ${profile.name} is confirmed after its soak and a round trip to the service behind it`, (t) =>
		withBench({ profile }, async (bench) => {
			await bench.start();
			const job = bench.deploy(candidate(bench));
			await bench.end(job);
			const [confirmed] = bench.eventsOf('device-confirmed');
			const trialAt = bench.eventsOf('device-boot')[1]?.at ?? 0;
			const soakedAt = trialAt + profile.timings.trialSoakMs;
			const asked = bench.sent.find((message) => message.at >= soakedAt && isRequest(message, 'get'));
			t.true(asked !== undefined && confirmed !== undefined && confirmed.at > asked.at);
			t.true((confirmed?.at ?? 0) < soakedAt + 1_000);
			t.is(bench.device.counter.read(), 6);
		}),
	);

	test.serial(`a trial on a ${profile.name} without its round trip is never confirmed: the watchdog ends it at its deadline`, (t) =>
		withBench({ profile }, async (bench) => {
			await bench.start();
			const job = bench.deploy(candidate(bench));
			bench.onSend = (message) => bench.device.state !== 'testing' || !isRequest(message, 'get');
			await bench.end(job);
			t.is(bench.reason(job), 'reverted: watchdog');
			t.deepEqual(bench.eventsOf('device-confirmed'), []);
			t.is(bench.device.counter.read(), 5);
			t.deepEqual(
				livesMs(bench).slice(1),
				Array.from({ length: profile.bootloader.trialBoots }, () => profile.timings.trialDeadlineMs),
			);
		}),
	);

	test.serial(`a ${profile.name} that hangs is reset by its watchdog after exactly its time`, (t) =>
		withBench({ profile }, async (bench) => {
			await bench.start();
			const job = bench.deploy(bench.imageOf(bench.releases.behaving('hangs-at-boot')));
			await bench.end(job);
			t.deepEqual(
				livesMs(bench).slice(1),
				Array.from({ length: profile.bootloader.trialBoots }, () => profile.timings.watchdogMs),
			);
			t.is(bench.device.tally.watchdogResets, profile.bootloader.trialBoots);
		}),
	);
}

test.serial('a trial that cannot connect gives up after ten minutes, one that crashes in use at its third', (t) =>
	withBench({}, async (bench) => {
		await bench.start();
		await bench.end(bench.deploy(bench.imageOf(bench.releases.behaving('cannot-connect'))));
		await bench.end(bench.deploy(bench.imageOf(bench.releases.behaving('crashes-after-minutes'))));
		const lives = livesMs(bench);
		t.is(lives[1], 600_000);
		t.is(lives[3], 180_000);
	}),
);

test.serial('a refused round trip and a new connection do not have a confirmed image give itself up', (t) =>
	withBench({}, async (bench) => {
		await bench.start();
		const job = bench.deploy(candidate(bench));
		let refused = false;
		bench.onSend = (message) => {
			if (refused || bench.device.state !== 'testing' || !isRequest(message, 'get')) return true;
			refused = true;
			bench.refuse(message, 'InternalError');
			// The next connection proves the round trip before the retry of this one is due.
			bench.clock.after(50, () => bench.device.arm({ kind: 'link-reset', after: { messages: 0 } }));
			return false;
		};
		await bench.end(job);
		await bench.sleep(3_600_000);
		t.true(refused);
		t.is(bench.status(job), 'SUCCEEDED');
		t.is(bench.eventsOf('device-boot').length, 2);
		t.is(bench.eventsOf('device-confirmed').length, 1);
	}),
);

test.serial('a new connection in the middle of the soak does not cut it short', (t) =>
	withBench({}, async (bench) => {
		await bench.start();
		const job = bench.deploy(candidate(bench));
		await bench.until(() => bench.device.state === 'testing', 'the trial');
		await bench.sleep(60_000);
		bench.links.at(-1)?.reset();
		await bench.end(job);
		t.is(bench.sessions.length, 3);
		t.is(bench.status(job), 'SUCCEEDED');
		const trialAt = bench.eventsOf('device-boot')[1]?.at ?? 0;
		t.true((bench.eventsOf('device-confirmed')[0]?.at ?? 0) >= trialAt + bench.device.profile.timings.trialSoakMs);
	}),
);

test.serial('a link that is gone when the soak ends delays the confirm until there is one', (t) =>
	withBench({}, async (bench) => {
		await bench.start();
		const job = bench.deploy(candidate(bench));
		await bench.until(() => bench.device.state === 'testing', 'the trial');
		await bench.sleep(299_000);
		bench.cloud.stop({ sessions: 'lost' });
		await bench.sleep(120_000);
		t.deepEqual(bench.eventsOf('device-confirmed'), []);
		await bench.run(() => bench.cloud.start());
		await bench.end(job);
		t.is(bench.status(job), 'SUCCEEDED');
		t.is(bench.eventsOf('device-boot').length, 2);
	}),
);

test.serial('a device that lost both boot records proves its image anew, then takes jobs as before', (t) =>
	withBench({}, async (bench) => {
		await bench.start();
		const { device } = bench;
		for (const { offsetBytes, sizeBytes } of device.profile.layout.records) device.flash.erase(offsetBytes, sizeBytes);
		device.reset('crash');
		await bench.until(() => bench.eventsOf('device-boot').length === 2, 'the boot');
		t.true(bench.eventsOf('device-boot')[1]?.trial);
		const job = bench.deploy(candidate(bench));
		await bench.end(job);
		await bench.sleep(2 * 3_600_000);
		t.is(bench.status(job), 'SUCCEEDED');
		t.is(device.running?.version, '2.0.0+0');
		t.is(bench.eventsOf('device-boot').length, 3);
		t.deepEqual(
			bench.eventsOf('device-confirmed').map(({ securityCounter }) => securityCounter),
			[5, 6],
		);
	}),
);

/** A migrating image is given up because power goes in its only trial; power goes again at that operation of the boots after. */
const revertMigration = async (bench: Bench, cut: { readonly operation: number; readonly tear: 'after' | 'half' | 'unreadable' }): Promise<string> => {
	await bench.start();
	const job = bench.deploy(bench.imageOf(bench.releases.behaving('migrates-settings')));
	await bench.until(() => bench.device.state === 'testing', 'the trial');
	bench.device.arm({ kind: 'power-cut', moment: { at: 'time', afterMs: 1_000 }, offMs: 500 });
	await bench.until(() => bench.device.state === 'off', 'the cut');
	bench.device.arm({ kind: 'power-cut', moment: { at: 'operation', ...cut }, offMs: 500 });
	await bench.end(job);
	return job;
};

const settingsViolations = (bench: Bench): readonly unknown[] => {
	const judge = createJudge();
	for (const event of bench.events) judge.observe(event);
	return judge.finish().find(({ invariant }) => invariant === 'settings')?.violations ?? [];
};

/** More than a revert and its clean-up take: those beyond fall into the report and the next job. */
const REVERT_OPERATIONS = 16;

for (const tear of ['after', 'half', 'unreadable'] as const) {
	test.serial(
		`power lost at any operation of the clean-up after a revert, torn '${tear}': the settings are the old image's alone, and the next job is judged on its own`,
		async (t) => {
			for (let operation = 0; operation < REVERT_OPERATIONS; operation++) {
				await withBench({ link: SLOW }, async (bench) => {
					const job = await revertMigration(bench, { operation, tear });
					t.is(bench.reason(job), 'reverted: power-loss', `operation ${operation}`);
					t.deepEqual(bench.settingsSchemas, [1]);
					t.is(bench.device.bootloader.state()?.lastRevert, null);
					const next = bench.deploy(bench.imageOf(bench.releases.behaving('migrates-settings')));
					await bench.until(() => bench.device.download.received >= 5, 'five blocks');
					bench.device.arm({ kind: 'power-cut', moment: { at: 'time', afterMs: 1 }, offMs: 500 });
					await bench.end(next);
					t.is(bench.status(next), 'SUCCEEDED', `operation ${operation}: ${bench.reason(next)}`);
					t.deepEqual(bench.settingsSchemas, [2]);
					t.deepEqual(settingsViolations(bench), [], `operation ${operation}`);
				});
			}
		},
	);
}

test.serial('power lost at any operation of the only trial of a migrating image leaves no settings that were never told of', async (t) => {
	let reverted = 0;
	for (let operation = 0; operation < 8; operation++) {
		for (const tear of ['after', 'half'] as const) {
			await withBench({}, async (bench) => {
				await bench.start();
				const job = bench.deploy(bench.imageOf(bench.releases.behaving('migrates-settings')));
				await bench.until(() => bench.eventsOf('device-trial-requested').length > 0, 'the request');
				bench.device.arm({ kind: 'power-cut', moment: { at: 'operation', operation, tear }, offMs: 500 });
				await bench.end(job);
				if (bench.status(job) === 'FAILED') {
					reverted++;
					t.deepEqual(bench.settingsSchemas, [1], `operation ${operation} ${tear}`);
				}
				await bench.end(bench.deploy(bench.imageOf(bench.releases.behaving('migrates-settings'))));
				t.is(bench.device.running?.behaviour, 'migrates-settings');
				t.deepEqual(settingsViolations(bench), [], `operation ${operation} ${tear}`);
			});
		}
	}
	t.true(reverted >= 2, `${reverted} reverts`);
});
