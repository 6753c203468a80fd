import test from 'ava';
import { createSigningKey, encodeKeySet } from '../../harness/firmware/index.js';
import { Flash, PageStore, sweepCuts } from '../../harness/flash/index.js';
import { KeyRing } from './key-ring.js';

const [first, second, third] = [1, 2, 3].map((seed) => createSigningKey(new Uint8Array(32).fill(seed))) as [Key, Key, Key];
type Key = ReturnType<typeof createSigningKey>;

const SECOND = encodeKeySet({ version: 2, keys: [second.verifyingKey] }, first);
const THIRD = encodeKeySet({ version: 3, keys: [third.verifyingKey] }, second);

const openPart = (): Flash =>
	new Flash({
		geometry: { sectors: [{ count: 2, sizeBytes: 512 }], writeSizeBytes: 8, erasedByte: 0xff, writeOnce: true },
		store: new PageStore({ pageSizeBytes: 128 }),
	});

/** New at each call, as after a reset. */
const ringOn = (flash: Flash): KeyRing =>
	new KeyRing({
		flash,
		areas: [
			{ offsetBytes: 0, sizeBytes: 512 },
			{ offsetBytes: 512, sizeBytes: 512 },
		],
		factoryKeys: () => [first.verifyingKey],
	});

const hashesOf = (ring: KeyRing): readonly Uint8Array[] => ring.current().keys.map(({ keyHash }) => keyHash);

test('a part that was never told otherwise has the keys of the factory, and writes nothing for it', (t) => {
	const flash = openPart();
	const ring = ringOn(flash);
	t.is(ring.follow([]), undefined);
	t.deepEqual(hashesOf(ring), [first.verifyingKey.keyHash]);
	t.is(flash.operations, 0);
});

test('what was followed is there after a reset, as far as it was good', (t) => {
	const flash = openPart();
	t.regex(ringOn(flash).follow([SECOND, encodeKeySet({ version: 3, keys: [third.verifyingKey] }, first)]) ?? '', /not of set 2/);
	t.is(ringOn(flash).current().version, 2);
	t.is(ringOn(flash).follow([SECOND, THIRD]), undefined);
	t.deepEqual(hashesOf(ringOn(flash)), [third.verifyingKey.keyHash]);
});

test('power lost at any operation leaves the set before or the one after, and the way on', (t) => {
	const flash = openPart();
	ringOn(flash).follow([SECOND]);
	const cuts = sweepCuts({
		flash,
		start: flash.snapshot(),
		session: () => void ringOn(flash).follow([SECOND, THIRD]),
		check: ({ operation, tear }) => {
			t.true([2, 3].includes(ringOn(flash).current().version), `${operation} ${tear}`);
			t.is(ringOn(flash).follow([SECOND, THIRD]), undefined);
			t.deepEqual(hashesOf(ringOn(flash)), [third.verifyingKey.keyHash]);
		},
		seeds: 4,
	});
	t.true(cuts >= 6, `${cuts}`);
});
