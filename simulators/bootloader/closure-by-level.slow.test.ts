import test from 'ava';
import { BOOTLOADERS, buildSubject } from '../../harness/cli/explore/index.js';
import { Walk, WALK_DEFAULTS } from '../../harness/explorer/index.js';

/** The smallest parts, on which walks with drawn tears come to an end: README.md has the table. */
const ROWS = [
	{ name: 'ab', levels: ['L2', 'L3', 'L4'], sectors: 1, sectorSizeBytes: 512, seeds: 1, cycles: 'unlimited' },
	{ name: 'mcuboot-overwrite', levels: ['L2', 'L3'], sectors: 1, sectorSizeBytes: 512, seeds: 2, cycles: 'unlimited' },
	{ name: 'esp-otadata', levels: ['L2', 'L3'], sectors: 1, sectorSizeBytes: 512, seeds: 2, cycles: 1 },
	{ name: 'esp-otadata', levels: ['L4'], sectors: 1, sectorSizeBytes: 512, seeds: 1, cycles: 1 },
	{ name: 'mcuboot-swap-scratch', levels: ['L2', 'L3'], sectors: 1, sectorSizeBytes: 1024, seeds: 1, cycles: 1 },
	{ name: 'mcuboot-swap-offset', levels: ['L2'], sectors: 2, sectorSizeBytes: 512, seeds: 1, cycles: 1 },
	{ name: 'mcuboot-swap-move', levels: ['L2'], sectors: 3, sectorSizeBytes: 512, seeds: 1, cycles: 1 },
] as const;

for (const { name, levels, sectors, sectorSizeBytes, seeds, cycles } of ROWS) {
	for (const tears of levels) {
		test.serial(`${name} is closed at ${tears} on slots of ${sectors} x ${sectorSizeBytes}, and breaks nothing that the real one does not`, (t) => {
			t.timeout(600_000);
			const bootloader = BOOTLOADERS.find((each) => each.name === name) as (typeof BOOTLOADERS)[number];
			const subject = buildSubject(bootloader, { part: { sectors, sectorSizeBytes, writeSizeBytes: 1 }, images: 'one-sector' });
			const { end, findings } = new Walk(subject, { ...WALK_DEFAULTS, tears, seeds, cycles }).run();
			t.deepEqual([end, findings.filter(({ limit }) => limit === undefined)], ['closed', []]);
			if (name === 'ab') t.deepEqual(findings, []);
		});
	}
}
