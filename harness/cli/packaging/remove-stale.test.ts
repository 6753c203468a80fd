import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { makeFolder } from '../blackstart.test.support.js';
import { removeStale } from './remove-stale.js';

test('what was built of a file that is gone goes too, its folder and its tests included, and nothing else does', (t) => {
	const kept = [
		'harness/kept.js',
		'harness/kept.js.map',
		'harness/kept.d.ts',
		'harness/page/page.css',
		'harness/listing.json',
		'tests/group.test.js',
		'.tsbuildinfo',
	];
	const stale = ['harness/gone.js', 'harness/gone.d.ts', 'harness/old.test.js', 'harness/old.test.js.map', 'harness/room/left.test.js'];
	const sources = ['harness/kept.ts', 'harness/page/page.css'].map((path) => [path, ''] as const);
	const root = makeFolder(t, Object.fromEntries([...sources, ...[...kept, ...stale].map((path) => [`build/${path}`, ''] as const)]));
	const built = join(root, 'build');
	t.deepEqual([...removeStale({ source: root, built, folders: ['harness'] })].sort(), stale.map((path) => join(built, path)).sort());
	t.deepEqual(
		[...kept, ...stale].filter((path) => existsSync(join(built, path))),
		kept,
	);
});
