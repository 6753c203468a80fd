import { readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { UsageError } from '../usage-error.js';
import { nearestNames } from './nearest-names.js';

/** A scenario file that a run may take. */
export interface ScenarioFile {
	/** The file's name without ending: the promise it makes. Unique in a run. */
	readonly name: string;
	/** Absolute URL. */
	readonly url: string;
	/** How cases name it: the catalogue's name, or the path as it was typed. */
	readonly reference: string;
}

const SCENARIO_FILE = /\.(ts|mts|js|mjs)$/;
const NO_SCENARIO = /(\.test\.|\.d\.)[mc]?[tj]s$|^index\./;

/** The catalogue that comes with this package, in the order of the names. */
export const readCatalogue = (): readonly ScenarioFile[] => {
	const folder = fileURLToPath(new URL('../../../scenarios/', import.meta.url));
	return listFolder(folder).map((path) => ({ name: nameOf(path), url: pathToFileURL(path).href, reference: nameOf(path) }));
};

/**
 * The scenario files that the arguments mean: names of the catalogue, paths of files, folders of files; no argument is all of
 * the catalogue that is meant for what is run on. Throws a UsageError for what is neither, with the nearest names.
 */
export const findScenarioFiles = (
	wanted: readonly string[],
	{ directory, on = 'anything' }: { readonly directory: string; readonly on?: 'boards' | 'simulated' | 'anything' },
): readonly ScenarioFile[] => {
	const catalogue = readCatalogue();
	const fitting = catalogue.filter(({ name }) => on === 'anything' || (on === 'boards') === isForBoards(name));
	const found = wanted.length === 0 ? fitting : wanted.flatMap((argument) => findArgument(argument, { directory, catalogue }));
	const byName = new Map<string, ScenarioFile>();
	for (const file of found) {
		const other = byName.get(file.name);
		if (other && other.url !== file.url)
			throw new UsageError(`scenario files need different names: ${other.reference} and ${file.reference} are both '${file.name}'`);
		byName.set(file.name, file);
	}
	return [...byName.values()];
};

/** Files of the catalogue that boards of a rig are for. */
const isForBoards = (name: string): boolean => name.startsWith('board-');

const findArgument = (argument: string, { directory, catalogue }: { directory: string; catalogue: readonly ScenarioFile[] }): readonly ScenarioFile[] => {
	const known = catalogue.find(({ name }) => name === argument);
	if (known) return [known];
	const path = resolve(directory, argument);
	const kind = statSync(path, { throwIfNoEntry: false });
	if (kind?.isDirectory()) {
		const files = listFolder(path);
		if (files.length === 0) throw new UsageError(`no scenario file (.ts, .mts, .js, .mjs) lies in ${argument}`);
		return files.map((file) => ({ name: nameOf(file), url: pathToFileURL(file).href, reference: join(argument, basename(file)) }));
	}
	if (kind?.isFile() && SCENARIO_FILE.test(path)) return [{ name: nameOf(path), url: pathToFileURL(path).href, reference: argument }];
	if (kind) throw new UsageError(`a scenario file ends in .ts, .mts, .js or .mjs, got ${argument}`);
	if (SCENARIO_FILE.test(argument) || argument.includes('/')) throw new UsageError(`no such scenario file: ${argument}`);
	const near = nearestNames(
		argument,
		catalogue.map(({ name }) => name),
	);
	throw new UsageError(`no such scenario: ${argument}${near.length > 0 ? `; did you mean ${near.join(', ')}?` : ''} (\`blackstart list\` shows all)`);
};

const listFolder = (folder: string): readonly string[] => {
	const names = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder) : [];
	return names
		.filter((name) => SCENARIO_FILE.test(name) && !NO_SCENARIO.test(name))
		.sort((one, other) => (one < other ? -1 : 1))
		.map((name) => join(folder, name));
};

const nameOf = (path: string): string => basename(path).replace(SCENARIO_FILE, '');
