import test from 'ava';
import type { ImageBehaviour } from '../../harness/firmware/index.js';
import { type Bench, withBench } from './bench.test.support.js';
import { FLEET_PROFILES } from './profile.js';

/** What a release that behaves so must come to: nothing where it is to stay, else why it goes. */
const BEHAVIOURS: Readonly<Record<ImageBehaviour, string | null>> = {
	healthy: null,
	'migrates-settings': null,
	'crashes-at-boot': 'crash',
	'hangs-at-boot': 'watchdog',
	'fails-self-test': 'self-test-failed',
	'cannot-connect': 'self-test-failed',
	'crashes-after-minutes': 'crash',
	'forgets-to-confirm': 'watchdog',
	// What is wrong with these shows hours after they have confirmed themselves.
	overheats: null,
	'leaks-memory': null,
	'warms-slowly': null,
	'wears-flash': null,
	'lets-certificate-expire': null,
};

for (const [behaviour, cause] of Object.entries(BEHAVIOURS) as [ImageBehaviour, string | null][]) {
	for (const profile of FLEET_PROFILES) {
		const end = cause === null ? 'stays, and the service hears so' : `is given up after every trial boot, and the service hears why: ${cause}`;
		test.serial(`an image that is '${behaviour}' on a ${profile.name} ${end}`, (t) =>
			withBench({ profile }, async (bench) => {
				await bench.start();
				const before = bench.slotBytes('a');
				const job = bench.deploy(bench.imageOf(bench.releases.behaving(behaviour)));
				await bench.until(() => bench.device.outcome.pending() !== null, 'an outcome');
				await bench.rest();
				t.is(bench.status(job), cause === null ? 'SUCCEEDED' : 'FAILED');
				t.is(bench.reason(job), cause === null ? undefined : `reverted: ${cause}`);
				t.is(bench.device.running?.version, cause === null ? '2.1.0+0' : '1.0.0+0');
				t.deepEqual(bench.slotBytes('a'), before);
				const trials = bench.eventsOf('device-boot').filter(({ trial }) => trial);
				t.is(trials.length, cause === null ? 1 : profile.bootloader.trialBoots);
				t.is(bench.eventsOf('device-confirmed').length, cause === null ? 1 : 0);
				t.is(bench.device.bootloader.state()?.lastRevert ?? null, null);
				t.deepEqual(bench.settingsSchemas, [behaviour === 'migrates-settings' ? 2 : 1]);
				assertTelemetry(t, bench);
			}),
		);
	}
}

/** What the device last told of itself is what the timeline counted. */
const assertTelemetry = (t: { is(left: unknown, right: unknown): unknown; true(value: boolean): unknown }, bench: Bench): void => {
	const report = bench.cloud.lastReport(bench.device.id);
	const boots = bench.eventsOf('device-boot');
	const causes = boots.map(({ cause }) => cause);
	const reverts = boots.filter(({ reverted }, index) => reverted && boots[index - 1]?.reverted !== true).length;
	const crashes = causes.filter((cause) => cause === 'crash').length;
	t.is(report?.boots, boots.length);
	t.is(report?.resetCause, causes.at(-1));
	t.is(report?.watchdogResets, causes.filter((cause) => cause === 'watchdog').length);
	t.is(report?.errors, crashes + reverts + bench.eventsOf('device-refused').length);
	t.is(report?.version, bench.device.running?.version);
	t.is(report?.digest, bench.device.running?.digest);
	t.true((report?.temperatureC as number) >= 20 && (report?.temperatureC as number) < 35);
	const { memoryBytes, download } = bench.device.profile;
	t.is(report?.freeMemoryBytes, memoryBytes - download.blockSizeBytes * download.windowBlocks);
	t.true((report?.freeMemoryBytes as number) > 0);
};
