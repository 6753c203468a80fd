import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { titleSlugs } from '../../scenario/index.js';
import { makeFolder } from '../blackstart.test.support.js';
import { loadScenarios } from '../worker/load-scenarios.js';
import { readPreparedListing } from './prepared-listing.js';
import { readCatalogue } from './scenario-files.js';

test('what the build wrote down of the catalogue is what its files declare', async (t) => {
	const prepared = readPreparedListing();
	for (const file of readCatalogue()) {
		const declared = await loadScenarios(file.url);
		const slugs = titleSlugs(declared.map(({ title }) => title));
		t.deepEqual(
			prepared(file),
			declared.map(({ title, options: { needs, independent = false } }, index) => ({ title, slug: slugs[index]!, needs: [...needs], independent })),
			file.name,
		);
	}
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
