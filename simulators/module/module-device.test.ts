import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { findPackageRoot } from '../../harness/cli/package-root.js';
import type { ImageBehaviour } from '../../harness/firmware/index.js';
import { type Bench, withBench } from '../device/bench.test.support.js';
import { withBootloader } from '../device/index.js';
import { FLEET_PROFILES, type Profile } from '../device/profile.js';
import { createModuleBootloader, FirmwareModule } from './index.js';

/** The sample, compiled for the part of this profile: `build-all.sh` has the numbers. */
const PROFILE = withBootloader(FLEET_PROFILES[0] as Profile, 'mcuboot-swap-scratch');
const MODULE = new FirmwareModule(readFileSync(join(findPackageRoot(), 'simulators/module/sensor/boot.wasm')));

const withModule = (main: (bench: Bench) => Promise<void>): Promise<void> =>
	withBench(
		{
			profile: PROFILE,
			parts: { createBootloader: (options) => createModuleBootloader(MODULE, { ...options, runs: 'from-a', hasPermanent: false }) },
		},
		main,
	);

const OUTCOMES: readonly { readonly behaviour: ImageBehaviour; readonly status: 'SUCCEEDED' | 'FAILED'; readonly version: string }[] = [
	{ behaviour: 'healthy', status: 'SUCCEEDED', version: '2.1.0+0' },
	{ behaviour: 'crashes-at-boot', status: 'FAILED', version: '1.0.0+0' },
	{ behaviour: 'fails-self-test', status: 'FAILED', version: '1.0.0+0' },
];

for (const { behaviour, status, version } of OUTCOMES) {
	test.serial(`a fleet's device with a firmware module for its bootloader takes an image that is '${behaviour}' to ${status}`, (t) =>
		withModule(async (bench) => {
			await bench.start();
			const job = bench.deploy(bench.imageOf(bench.releases.behaving(behaviour)));
			await bench.end(job);
			t.is(bench.status(job), status);
			t.is(bench.device.running?.version, version);
		}),
	);
}

test.serial('power that goes in the swap of a module leaves an update that is carried out all the same', async (t) => {
	const areas = new Set<string>();
	for (const operation of [70, 111, 152, 193]) {
		await withModule(async (bench) => {
			await bench.start();
			bench.device.arm({ kind: 'power-cut', moment: { at: 'operation', operation, tear: 'half' }, offMs: 5_000 });
			const job = bench.deploy(bench.imageOf(bench.releases.behaving('healthy')));
			await bench.end(job);
			const [fired] = bench.eventsOf('fault-fired');
			areas.add(String(fired?.form));
			t.is(bench.status(job), 'SUCCEEDED', `operation ${operation}`);
			t.is(bench.device.running?.version, '2.1.0+0');
		});
	}
	t.deepEqual([...areas].sort(), ['erase half record', 'erase half slot', 'program half record', 'program half scratch']);
});
