import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { ListedCase } from '../worker/list-scenario-files.js';
import { importFiles } from './import-files.js';
import { readCatalogue, type ScenarioFile } from './scenario-files.js';

/** Lies beside the catalogue's files as they are built. */
const CATALOGUE = new URL('../../../scenarios/', import.meta.url);
const LISTING = 'listing.json';

/** The cases of one of the catalogue's files, and the file that had them, as SHA-256 in hex. */
interface PreparedFile {
	readonly digest: string;
	readonly cases: readonly ListedCase[];
}

/**
 * Reads what the build wrote down of the catalogue, so that nothing of it needs to be imported before a run begins. The result
 * tells the cases of a file; undefined for one that is not of the catalogue, or is another than it was then.
 */
export const readPreparedListing = (catalogue = CATALOGUE): ((file: Omit<ScenarioFile, 'reference'>) => readonly ListedCase[] | undefined) => {
	const listing = new URL(LISTING, catalogue);
	if (!existsSync(listing)) return () => undefined;
	const prepared = JSON.parse(readFileSync(listing, 'utf8')) as Readonly<Record<string, PreparedFile>>;
	return ({ name, url }) => {
		const known = new URL('.', url).href === catalogue.href ? prepared[name] : undefined;
		return known !== undefined && known.digest === digestOf(url) ? known.cases : undefined;
	};
};

/** Writes down the cases of the catalogue as it is built. Throws an Error for a file that cannot be imported or has none. */
export const writePreparedListing = async (): Promise<void> => {
	const files = readCatalogue();
	const { answers, ended } = await importFiles(
		files.map(({ url }) => url),
		{ directory: process.cwd() },
	);
	const prepared = files.map(({ name, url }): readonly [string, PreparedFile] => {
		const answer = answers.find((one) => one.url === url);
		if (answer === undefined || 'problem' in answer || answer.cases.length === 0)
			throw new Error(`${url} has no cases: ${answer === undefined ? ended : 'problem' in answer ? answer.problem.stack : 'it declares none'}`);
		return [name, { digest: digestOf(url), cases: answer.cases }];
	});
	writeFileSync(new URL(LISTING, CATALOGUE), `${JSON.stringify(Object.fromEntries(prepared))}\n`);
};

const digestOf = (url: string): string =>
	createHash('sha256')
		.update(readFileSync(new URL(url)))
		.digest('hex');
