import test from 'ava';
import { withBench } from '../device/bench.test.support.js';
import { RIGHT_PARTS } from '../device/index.js';
import { SettingsBackups } from './settings-backups.js';

test.serial('settings and credentials are backed up and restored on a staging device of the same hardware', (t) =>
	withBench({}, async (bench) => {
		await bench.start();
		const backups = new SettingsBackups();
		t.deepEqual(backups.tryRestore('device-1', bench.device), { problem: 'there is no backup' });
		const taken = backups.take('device-1', bench.device);
		t.regex(taken.digest ?? '', /^[0-9a-f]{64}$/);
		const before = bench.device.flash.operations;
		t.deepEqual(backups.tryRestore('device-1', bench.device), taken);
		t.is(bench.device.flash.operations, before);
	}),
);

test.serial('a device that is off cannot be backed up', (t) =>
	withBench({}, async (bench) => {
		t.regex(new SettingsBackups().take('device-1', bench.device).problem ?? '', /cannot be reached, it is off/);
		t.regex(new SettingsBackups().take('device-9', undefined).problem ?? '', /cannot be reached, it is unknown/);
	}),
);

for (const [title, lose, problem] of [
	['loses a setting', 'site', /what was restored is not what was backed up/],
	['loses the credentials from the start', 'password', /the restored credentials are not those of the device|not what was backed up/],
] as const) {
	test.serial(`a settings store that ${title} is found out by the restore`, (t) =>
		withBench(
			{
				parts: {
					createSettings: (options) => {
						const store = RIGHT_PARTS.createSettings(options);
						return {
							read: (schema) => store.read(schema),
							write: (settings, schema) =>
								store.write(isProvisioning ? settings : Object.fromEntries(Object.entries(settings).filter(([key]) => key !== lose)), schema),
							dropOlder: () => store.dropOlder(),
							dropNewer: (schema) => store.dropNewer(schema),
							schemas: () => store.schemas(),
						};
					},
				},
			},
			async (bench) => {
				await bench.start();
				const backups = new SettingsBackups();
				t.is(backups.take('device-1', bench.device).problem, undefined);
				isProvisioning = false;
				try {
					t.regex(backups.tryRestore('device-1', bench.device).problem ?? '', problem);
				} finally {
					isProvisioning = true;
				}
			},
		),
	);
}

/** The store is right until the device has been provisioned, so that there is something to lose. */
let isProvisioning = true;
