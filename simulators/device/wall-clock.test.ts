import test from 'ava';
import { Flash, PageStore } from '../../harness/flash/index.js';
import { openVirtualWorld } from '../../harness/time/index.js';
import { FLEET_PROFILES, type Profile } from './profile.js';
import { TimeFloor } from './storage/index.js';
import { WallClock } from './wall-clock.js';

const START_MS = Date.UTC(2026, 5, 1);
const DAY_MS = 86_400_000;

const within = async (
	keepsTime: boolean,
	body: (parts: {
		readonly wallClock: WallClock;
		readonly floor: TimeFloor;
		readonly flash: Flash;
		readonly sleep: (ms: number) => Promise<void>;
	}) => Promise<void>,
): Promise<void> => {
	using world = openVirtualWorld({ seed: 'wall-clock', startEpochMs: START_MS });
	const { flash: geometry, layout } = FLEET_PROFILES[0] as Profile;
	const flash = new Flash({ geometry, store: new PageStore({ pageSizeBytes: 1024 }) });
	const floor = new TimeFloor({ flash, areas: layout.time });
	const wallClock = new WallClock({ clock: world.clock, keepsTime, floor });
	await body({ wallClock, floor, flash, sleep: (ms) => world.run(() => world.clock.sleep(ms)) });
};

test.serial('without a battery for it the clock begins at 1970 with each return of power, and at the floor once the program runs', (t) =>
	within(false, async ({ wallClock, floor, sleep }) => {
		t.is(wallClock.epochMs, 0);
		wallClock.heard(START_MS);
		await sleep(DAY_MS / 2);
		t.is(wallClock.epochMs, START_MS + DAY_MS / 2);
		wallClock.restart();
		t.is(wallClock.epochMs, 0);
		await sleep(5_000);
		t.is(wallClock.epochMs, 5_000);
		wallClock.boot();
		t.is(wallClock.epochMs, START_MS);
		t.is(floor.read(), START_MS);
	}),
);

test.serial('with a battery for it the clock goes on without power', (t) =>
	within(true, async ({ wallClock, sleep }) => {
		await sleep(DAY_MS);
		wallClock.restart();
		wallClock.boot();
		t.is(wallClock.epochMs, START_MS + DAY_MS);
	}),
);

test.serial('the floor is written once a day, however often the time is told', (t) =>
	within(false, async ({ wallClock, floor, flash, sleep }) => {
		wallClock.heard(START_MS);
		const { operations } = flash;
		for (let minute = 1; minute < 24 * 60; minute++) wallClock.heard(START_MS + minute * 60_000);
		t.is(flash.operations, operations);
		await sleep(1);
		wallClock.heard(START_MS + DAY_MS);
		t.is(flash.operations, operations + 1);
		t.is(floor.read(), START_MS + DAY_MS);
	}),
);

test.serial('what anybody says puts it no further back than the floor, what the service says anywhere', (t) =>
	within(false, async ({ wallClock, floor }) => {
		wallClock.heard(START_MS);
		wallClock.heardFromAnybody(START_MS - 400 * DAY_MS);
		t.is(wallClock.epochMs, START_MS);
		wallClock.heardFromAnybody(START_MS + 400 * DAY_MS);
		t.is(wallClock.epochMs, START_MS + 400 * DAY_MS);
		t.is(floor.read(), START_MS);
		wallClock.heard(START_MS + 1_000);
		t.is(wallClock.epochMs, START_MS + 1_000);
	}),
);

test.serial('a clock that jumped does not become the floor', (t) =>
	within(false, async ({ wallClock, floor }) => {
		wallClock.heard(START_MS);
		wallClock.jump(2 ** 32 * 1_000);
		wallClock.boot();
		t.is(floor.read(), START_MS);
		wallClock.restart();
		wallClock.boot();
		t.is(wallClock.epochMs, START_MS);
	}),
);
