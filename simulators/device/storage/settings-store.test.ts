import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import { Flash, type Geometry, PageStore, sweepCuts } from '../../../harness/flash/index.js';
import { type Settings, SettingsStore, StorageError } from './index.js';

const AREAS = [
	{ offsetBytes: 0, sizeBytes: 512 },
	{ offsetBytes: 512, sizeBytes: 1024 },
] as const;

const GEOMETRIES: readonly Partial<Geometry>[] = [1, 4, 8, 16, 32].flatMap((writeSizeBytes) =>
	[true, false].map((writeOnce) => ({ writeSizeBytes, writeOnce })),
);

const openPart = (geometry: Partial<Geometry> = {}): Flash =>
	new Flash({
		geometry: {
			sectors: [
				{ count: 2, sizeBytes: 256 },
				{ count: 1, sizeBytes: 1024 },
			],
			writeSizeBytes: 4,
			erasedByte: 0xff,
			writeOnce: false,
			...geometry,
		},
		store: new PageStore({ pageSizeBytes: 128 }),
	});

/** New at each call, as after a reset. */
const storeOn = (flash: Flash): SettingsStore => new SettingsStore({ flash, areas: AREAS });

const settings = (version: number): Settings => ({ broker: 'mqtt.example', token: `token-${version}`, interval: '60' });

const migrated = (version: number): Settings => ({ 'broker/host': 'mqtt.example', 'broker/token': `token-${version}`, interval: '60' });

test('settings are read as they were written last, whatever the order of keys', (t) => {
	const store = storeOn(openPart());
	t.is(store.read(1), 'unreadable');
	store.write(settings(1), 1);
	store.write(settings(2), 1);
	t.deepEqual(store.read(1), settings(2));
	t.deepEqual(store.schemas(), [1]);
	const awkward = { __proto__x: 'ü', 'a"b': '\u0000\n', '10': '', '9': 'nine' };
	store.write(awkward, 1);
	t.deepEqual(store.read(1), awkward);
});

test('writing what is stored costs no operation', (t) => {
	const flash = openPart();
	storeOn(flash).write(settings(1), 1);
	const { operations } = flash;
	storeOn(flash).write({ interval: '60', token: 'token-1', broker: 'mqtt.example' }, 1);
	t.is(flash.operations, operations);
});

test('an image that migrates leaves the old settings to the image it replaced', (t) => {
	const flash = openPart();
	storeOn(flash).write(settings(1), 1);
	storeOn(flash).write(migrated(1), 2);
	for (let version = 2; version < 20; version++) storeOn(flash).write(migrated(version), 2);
	t.deepEqual(storeOn(flash).read(1), settings(1));
	t.deepEqual(storeOn(flash).read(2), migrated(19));
	storeOn(flash).dropOlder();
	t.is(storeOn(flash).read(1), 'unreadable');
	t.deepEqual(storeOn(flash).read(2), migrated(19));
	t.deepEqual(storeOn(flash).schemas(), [2]);
});

test('settings changed after a revert make the migrated copy stale, and it does not come back', (t) => {
	const flash = openPart();
	storeOn(flash).write(settings(1), 1);
	storeOn(flash).write(migrated(1), 2);
	storeOn(flash).write(settings(2), 1);
	t.is(storeOn(flash).read(2), 'unreadable');
	t.deepEqual(storeOn(flash).read(1), settings(2));
	for (let version = 3; version < 20; version++) {
		storeOn(flash).write(settings(version), 1);
		t.is(storeOn(flash).read(2), 'unreadable');
	}
	storeOn(flash).write(migrated(19), 2);
	t.deepEqual(storeOn(flash).read(2), migrated(19));
});

test('settings written back as they were still make the migrated copy stale', (t) => {
	const flash = openPart();
	storeOn(flash).write(settings(1), 1);
	storeOn(flash).write(migrated(1), 2);
	storeOn(flash).write(settings(1), 1);
	t.is(storeOn(flash).read(2), 'unreadable');
});

test('dropping newer schemas gives up what a failed image wrote', (t) => {
	const flash = openPart();
	storeOn(flash).write(settings(1), 1);
	storeOn(flash).write(migrated(1), 2);
	storeOn(flash).dropNewer(1);
	t.deepEqual(storeOn(flash).schemas(), [1]);
	t.deepEqual(storeOn(flash).read(1), settings(1));
	const { operations } = flash;
	storeOn(flash).dropNewer(1);
	storeOn(flash).dropOlder();
	t.is(flash.operations, operations);
	t.throws(() => storeOn(flash).dropNewer(0), { instanceOf: RangeError });
});

test('a supply that sags inside a write does not spoil it', (t) => {
	for (let seed = 0; seed < 10; seed++) {
		const flash = openPart({ writeOnce: true });
		storeOn(flash).write(settings(1), 1);
		flash.armBrownOut(0, seed);
		storeOn(flash).write(settings(2), 1);
		t.is(flash.fired.length, 1);
		t.deepEqual(storeOn(flash).read(1), settings(2));
	}
});

test('settings that do not fit are refused and those stored stay', (t) => {
	const flash = openPart();
	storeOn(flash).write(settings(1), 1);
	t.is(t.throws(() => storeOn(flash).write({ big: 'x'.repeat(1100) }, 1), { instanceOf: StorageError })?.code, 'no-room');
	t.deepEqual(storeOn(flash).read(1), settings(1));
	t.throws(() => storeOn(flash).write({}, -1), { instanceOf: RangeError });
	t.throws(() => storeOn(flash).write({ key: 1 as unknown as string }, 1), { instanceOf: TypeError });
	t.throws(() => new SettingsStore({ flash, areas: [AREAS[0], { offsetBytes: 512, sizeBytes: 512 }] }), { instanceOf: RangeError });
});

type Step = (store: SettingsStore) => void;

const SESSIONS: readonly { readonly title: string; readonly steps: readonly Step[]; readonly expected: readonly (readonly [one: unknown, two: unknown])[] }[] =
	[
		{
			title: 'settings changed again and again',
			steps: Array.from({ length: 12 }, (_, index) => (store: SettingsStore) => store.write(settings(index + 1), 1)),
			expected: Array.from({ length: 13 }, (_, index) => [settings(index), 'unreadable']),
		},
		{
			title: 'a migration, changes by the new image, its confirmation',
			steps: [
				...Array.from({ length: 8 }, (_, index) => (store: SettingsStore) => store.write(migrated(index), 2)),
				(store) => store.dropOlder(),
				(store) => store.write(migrated(9), 2),
			],
			expected: [
				[settings(0), 'unreadable'],
				...Array.from({ length: 8 }, (_, index): [unknown, unknown] => [settings(0), migrated(index)]),
				['unreadable', migrated(7)],
				['unreadable', migrated(9)],
			],
		},
		{
			title: 'a migration that is reverted, changes by the old image, another try',
			steps: [
				(store) => store.write(migrated(0), 2),
				(store) => store.dropNewer(1),
				...Array.from({ length: 6 }, (_, index) => (store: SettingsStore) => store.write(settings(index + 1), 1)),
				(store) => store.write(migrated(6), 2),
				(store) => store.write(migrated(7), 2),
			],
			expected: [
				[settings(0), 'unreadable'],
				[settings(0), migrated(0)],
				...Array.from({ length: 7 }, (_, index): [unknown, unknown] => [settings(index), 'unreadable']),
				[settings(6), migrated(6)],
				[settings(6), migrated(7)],
			],
		},
	];

for (const geometry of GEOMETRIES) {
	for (const { title, steps, expected } of SESSIONS) {
		test(`power lost at every operation leaves settings old or new, whole: ${title}, ${JSON.stringify(geometry)}`, (t) => {
			const flash = openPart(geometry);
			storeOn(flash).write(settings(0), 1);
			let done = 0;
			const session = (): void => {
				done = 0;
				for (const step of steps) {
					step(storeOn(flash));
					done++;
				}
			};
			const read = (): unknown => [storeOn(flash).read(1), storeOn(flash).read(2)];
			const check = (cut: object): void => {
				const left = read();
				const allowed = [expected[done], expected[done + 1]];
				if (!allowed.some((pair) => isDeepStrictEqual(pair, left))) {
					throw new Error(`${JSON.stringify(cut)} in step ${done}: ${JSON.stringify(allowed)} were expected, got ${JSON.stringify(left)}`);
				}
				// The step is taken again, as the device would, and so are all that follow.
				for (const step of steps.slice(done)) step(storeOn(flash));
				if (!isDeepStrictEqual(read(), expected.at(-1))) throw new Error(`${JSON.stringify(cut)}: the settings do not arrive at what was written last`);
			};
			const cuts = sweepCuts({ flash, start: flash.snapshot(), session, check, seeds: 2 });
			t.true(cuts >= steps.length * 6, `${cuts} cuts`);
		});
	}
}

test('power lost twice in a row still leaves settings old or new, whole', (t) => {
	const flash = openPart({ writeOnce: true, writeSizeBytes: 8 });
	for (let version = 0; version < 3; version++) storeOn(flash).write(settings(version), 1);
	storeOn(flash).write(migrated(0), 2);
	let pairs = 0;
	const write = (): void => {
		for (let version = 1; version < 5; version++) storeOn(flash).write(migrated(version), 2);
	};
	const check = (cut: object): void => {
		if (!isDeepStrictEqual(storeOn(flash).read(1), settings(2))) throw new Error(`${JSON.stringify(cut)}: the old image's settings were lost`);
		const two = storeOn(flash).read(2);
		if (![0, 1, 2, 3, 4].some((version) => isDeepStrictEqual(two, migrated(version))))
			throw new Error(`${JSON.stringify(cut)}: the new image's settings were lost`);
	};
	sweepCuts({
		flash,
		start: flash.snapshot(),
		session: write,
		check: (first) => {
			check(first);
			pairs += sweepCuts({ flash, start: flash.snapshot(), session: write, check: (second) => check({ first, second }) });
		},
	});
	t.true(pairs > 500, `${pairs} pairs`);
});
