import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** This package's folder: the nearest one above this file with a package.json. */
export const findPackageRoot = (): string => {
	for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
		if (existsSync(join(folder, 'package.json'))) return folder;
		if (folder === dirname(folder)) throw new Error(`a package.json was expected above ${fileURLToPath(import.meta.url)}`);
	}
};

/** This package's version, as its package.json says. */
export const readPackageVersion = (): string => {
	const { version } = JSON.parse(readFileSync(join(findPackageRoot(), 'package.json'), 'utf8')) as { readonly version: string };
	return version;
};
