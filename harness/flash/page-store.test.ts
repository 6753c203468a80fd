import test from 'ava';
import { Flash } from './flash.js';
import type { Geometry } from './geometry.js';
import { PageStore } from './page-store.js';

const GEOMETRY: Geometry = { sectors: [{ count: 4, sizeBytes: 2048 }], writeSizeBytes: 4, erasedByte: 0xff, writeOnce: false };

const pattern = (length: number, step: number): Uint8Array => Uint8Array.from({ length }, (_, index) => index * step);

test('parts with the same content share their pages', (t) => {
	const store = new PageStore();
	const parts = Array.from({ length: 50 }, () => new Flash({ geometry: GEOMETRY, store }));
	const before = store.pageCount;
	for (const part of parts) part.program(0, pattern(4096, 7));
	t.is(before, 2);
	// The pattern repeats each 256 bytes, so that all four pages are one.
	t.is(store.pageCount, 3);
	t.is(new Set(parts.map((part) => part.contentKey(0, 4096))).size, 1);
});

test('a page goes when its last holder does, and a snapshot holds', (t) => {
	const store = new PageStore();
	const part = new Flash({ geometry: GEOMETRY, store });
	part.program(0, pattern(1024, 3));
	t.is(store.pageCount, 3);
	part.erase(0, 2048);
	t.is(store.pageCount, 2);
	part.program(0, pattern(1024, 5));
	const snapshot = part.snapshot();
	part.erase(0, 2048);
	t.is(store.pageCount, 3);
	part.restore(snapshot);
	t.deepEqual(part.read(0, 1024), pattern(1024, 5));
});

test('a content key that was given never stands for other bytes', (t) => {
	const store = new PageStore();
	const part = new Flash({ geometry: GEOMETRY, store });
	const keys = new Set<string>();
	for (let step = 1; step < 200; step++) {
		part.program(0, pattern(1024, step));
		keys.add(part.contentKey(0, 1024));
		part.erase(0, 2048);
	}
	t.is(keys.size, 199);
	t.is(store.pageCount, 2);
});

test('pages whose hashes collide stay apart, and go one by one', (t) => {
	const store = new PageStore({ pageSizeBytes: 256, hash: () => 1 });
	const part = new Flash({ geometry: GEOMETRY, store });
	for (let page = 0; page < 8; page++) part.program(page * 256, new Uint8Array(256).fill(page + 1));
	t.is(store.pageCount, 10);
	for (let page = 0; page < 8; page++) t.deepEqual(part.read(page * 256, 256), new Uint8Array(256).fill(page + 1));
	part.program(2 * 256, new Uint8Array(256).fill(0));
	part.program(5 * 256, new Uint8Array(256).fill(0));
	t.is(part.contentKey(2 * 256, 256), part.contentKey(5 * 256, 256));
	t.deepEqual(part.read(4 * 256, 256), new Uint8Array(256).fill(5));
	part.erase(0, 2048);
	t.is(store.pageCount, 2);
});

test('a page nobody holds cannot be given up or read', (t) => {
	const store = new PageStore();
	t.throws(() => store.bytes(9), { instanceOf: RangeError });
	t.throws(() => store.release(9), { instanceOf: RangeError });
	t.throws(() => new PageStore({ pageSizeBytes: 1000 }), { instanceOf: RangeError });
});
