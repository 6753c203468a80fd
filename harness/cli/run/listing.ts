import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execaNode } from 'execa';
import { UsageError } from '../usage-error.js';
import type { ListedCase, ListedFile } from '../worker/list-scenario-files.js';
import type { ScenarioFile } from './scenario-files.js';

/** A scenario file with the cases that it declares. */
export interface ListedScenario extends ScenarioFile {
	readonly cases: readonly ListedCase[];
}

const LIST_TIMEOUT_MS = 60_000;
const LISTER = fileURLToPath(new URL('../worker/list-scenario-files.js', import.meta.url));

/**
 * Imports every file in a process of its own and returns its cases. Throws a UsageError that names file and line for a file
 * that cannot be imported, declares nothing, or ends or stops the process that imports it.
 */
export const listScenarios = async (files: readonly ScenarioFile[], { directory }: { readonly directory: string }): Promise<readonly ListedScenario[]> => {
	const answers: ListedFile[] = [];
	const lister = execaNode(
		LISTER,
		files.map(({ url }) => url),
		{
			cwd: directory,
			nodeOptions: ['--enable-source-maps'],
			ipc: true,
			reject: false,
			stdin: 'ignore',
			stdout: 'ignore',
			timeout: LIST_TIMEOUT_MS,
			killSignal: 'SIGKILL',
		},
	);
	lister.on('message', (message) => answers.push(message as unknown as ListedFile));
	const ended = await lister;
	return files.map((file) => {
		const answer = answers.find(({ url }) => url === file.url);
		if (!answer) {
			const how = ended.timedOut
				? `took longer than ${LIST_TIMEOUT_MS} ms`
				: `ended the process that imported it (${ended.signal ?? `exit code ${ended.exitCode}`})`;
			throw new UsageError(`${file.reference} cannot be listed: it ${how}${ended.stderr.trim() === '' ? '' : `: ${ended.stderr.trim().split('\n').at(-1)}`}`);
		}
		if ('problem' in answer) throw new UsageError(`${file.reference} cannot be imported: ${describeProblem(answer.problem, { url: file.url, directory })}`);
		if (answer.cases.length === 0) throw new UsageError(`${file.reference} declares no scenario: it should call scenario(title, { needs }, run)`);
		return { ...file, cases: answer.cases };
	});
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
