import test from 'ava';
import { Flash, PageStore, PowerLoss } from '../../../harness/flash/index.js';
import { TEAR_MODES } from '../../../harness/faults/index.js';
import { FLEET_PROFILES, type Profile } from '../profile.js';
import { TimeFloor } from './time-floor.js';

const NOON_MS = Date.UTC(2026, 0, 1, 12);
const DAY_MS = 86_400_000;

const open = ({ flash: geometry, layout }: Profile) => {
	const flash = new Flash({ geometry, store: new PageStore({ pageSizeBytes: 1024 }) });
	return { flash, areas: layout.time };
};

for (const profile of FLEET_PROFILES) {
	test(`on a ${profile.name} the newest time is what is read, before and after a reset, for ten years of daily writes`, (t) => {
		const { flash, areas } = open(profile);
		const floor = new TimeFloor({ flash, areas });
		t.is(floor.read(), 0);
		for (let day = 0; day < 3_650; day++) floor.keep(NOON_MS + day * DAY_MS);
		t.is(floor.read(), NOON_MS + 3_649 * DAY_MS);
		t.is(new TimeFloor({ flash, areas }).read(), NOON_MS + 3_649 * DAY_MS);
		t.true(flash.mostErases > 1 && flash.mostErases < 50, `${flash.mostErases} erases`);
	});

	for (const tear of TEAR_MODES) {
		test(`on a ${profile.name} power lost at any operation, torn '${tear}', leaves the time before or the new one, and the next is kept`, (t) => {
			const filled = open(profile);
			const writer = new TimeFloor(filled);
			// Far enough that the writes that are cut go from one area to the other.
			const perArea = Math.floor(filled.areas[0].sizeBytes / (Math.ceil(28 / profile.flash.writeSizeBytes) * profile.flash.writeSizeBytes));
			for (let count = 0; count < perArea - 2; count++) writer.keep(NOON_MS + count);
			const snapshot = filled.flash.snapshot();
			for (let operation = 0; ; operation++) {
				filled.flash.restore(snapshot);
				const floor = new TimeFloor(filled);
				let kept = floor.read();
				filled.flash.armCut({ operation, tear, tearSeed: operation });
				let isCut = false;
				for (let step = 1; step <= 5 && !isCut; step++) {
					try {
						floor.keep(NOON_MS + step * DAY_MS);
						kept = NOON_MS + step * DAY_MS;
					} catch (error) {
						if (!(error instanceof PowerLoss)) throw error;
						isCut = true;
						filled.flash.powerOn();
						const found = new TimeFloor(filled).read();
						t.true(found === kept || found === NOON_MS + step * DAY_MS, `operation ${operation}: ${found - kept} ms after the time before`);
					}
				}
				if (!isCut) {
					// Five times are five programs, and one erase between the areas.
					t.is(operation, 6);
					break;
				}
				floor.keep(NOON_MS + 10 * DAY_MS);
				t.is(floor.read(), NOON_MS + 10 * DAY_MS, `operation ${operation}`);
				t.is(new TimeFloor(filled).read(), NOON_MS + 10 * DAY_MS, `operation ${operation}`);
			}
		});
	}
}
