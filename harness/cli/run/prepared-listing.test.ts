import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { makeFolder } from '../blackstart.test.support.js';
import { importFiles } from './import-files.js';
import { readPreparedListing } from './prepared-listing.js';
import { readCatalogue } from './scenario-files.js';

test('what the build wrote down of the catalogue is what its files declare', async (t) => {
	const prepared = readPreparedListing();
	const files = readCatalogue();
	// In a process of its own: what another test has imported here declares nothing any more.
	const { answers } = await importFiles(
		files.map(({ url }) => url),
		{ directory: process.cwd() },
	);
	t.true(files.length > 20);
	for (const file of files) t.deepEqual({ url: file.url, cases: prepared(file) }, answers.find(({ url }) => url === file.url) as object, file.name);
});

test('a file that is another than the build saw, one of the same name elsewhere, and one that the build did not see are not known', (t) => {
	const digest = '9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f9d09af107ee8f0';
	const cases = [{ title: 'a', slug: 'a', needs: [], independent: true }];
	const folder = makeFolder(t, { 'kept.js': 'aaa', 'elsewhere/kept.js': 'aaa', 'new.js': 'aaa', 'listing.json': JSON.stringify({ kept: { digest, cases } }) });
	const find = (path: string) =>
		readPreparedListing(pathToFileURL(`${folder}/`))({ name: path.replace(/.*\/|\.js/g, ''), url: pathToFileURL(join(folder, path)).href });
	t.deepEqual([find('kept.js'), find('new.js'), find('elsewhere/kept.js')], [cases, undefined, undefined]);
	writeFileSync(join(folder, 'kept.js'), 'aab');
	t.is(find('kept.js'), undefined);
	rmSync(join(folder, 'listing.json'));
	t.is(find('kept.js'), undefined);
});
