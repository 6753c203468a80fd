import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../usage-error.js';
import type { ListedCase } from '../worker/list-scenario-files.js';
import { type ImportedFiles, importFiles } from './import-files.js';
import { readPreparedListing } from './prepared-listing.js';
import type { ScenarioFile } from './scenario-files.js';

/** A scenario file with the cases that it declares. */
export interface ListedScenario extends ScenarioFile {
	readonly cases: readonly ListedCase[];
}

/**
 * The cases of every file: as the build wrote them down where it is the catalogue's, else imported in a process of its own.
 * Throws a UsageError that names file and line for a file that cannot be imported, declares nothing, or ends or stops the
 * process that imports it.
 */
export const listScenarios = async (files: readonly ScenarioFile[], { directory }: { readonly directory: string }): Promise<readonly ListedScenario[]> => {
	const prepared = readPreparedListing();
	const known = new Map(files.map((file) => [file, prepared(file)]));
	const unknown = files.filter((file) => known.get(file) === undefined);
	const imported =
		unknown.length === 0
			? undefined
			: await importFiles(
					unknown.map(({ url }) => url),
					{ directory },
				);
	return files.map((file) => ({ ...file, cases: known.get(file) ?? readAnswer(file, { imported, directory }) }));
};

const readAnswer = (
	file: ScenarioFile,
	{ imported, directory }: { readonly imported: ImportedFiles | undefined; readonly directory: string },
): readonly ListedCase[] => {
	const answer = imported?.answers.find(({ url }) => url === file.url);
	if (answer === undefined) throw new UsageError(`${file.reference} cannot be listed: it ${imported?.ended}`);
	if ('problem' in answer) throw new UsageError(`${file.reference} cannot be imported: ${describeProblem(answer.problem, { url: file.url, directory })}`);
	if (answer.cases.length === 0) throw new UsageError(`${file.reference} declares no scenario: it should call scenario(title, { needs }, run)`);
	return answer.cases;
};

/** The message with the place it came from: a syntax error names it itself, else the innermost frame outside of Node. */
const describeProblem = (
	problem: { readonly name: string; readonly message: string; readonly stack: string },
	{ url, directory }: { url: string; directory: string },
): string => {
	const path = fileURLToPath(url);
	const message = problem.message
		.replaceAll(url, path)
		.replaceAll(path, shortenPath(path, directory))
		.replaceAll(/(?:file:\/\/)?(\/[^\s:()']+)/g, (_whole, other: string) => shortenPath(other, directory));
	if (problem.message.startsWith(`${path}:`)) return message;
	const places = problem.stack.split('\n').flatMap((line) => {
		const [, place, row] = /^\s+at (?:.*? \()?((?:file:\/\/)?\/.*?):(\d+):\d+\)?$/.exec(line) ?? [];
		return place === undefined || row === undefined ? [] : [{ place: place.startsWith('file:') ? fileURLToPath(place) : place, row }];
	});
	const where = places.find(({ place }) => place === path) ?? places[0];
	return `${where ? `${shortenPath(where.place, directory)}:${where.row}: ` : ''}${problem.name}: ${message}`;
};

const shortenPath = (path: string, directory: string): string => {
	const short = relative(directory, path);
	return short.startsWith('..') || short === '' ? path : short;
};
