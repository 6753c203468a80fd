import { existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../usage-error.js';
import { describeFileError } from './input-files.js';

/**
 * Writes a file whole or not at all: beside its place first, then renamed into it. A file that is there stays unless `overwrite` is set.
 * Throws a UsageError where the place cannot be written.
 */
export const writeOutput = (file: string, options: { readonly bytes: Uint8Array; readonly overwrite: boolean }): void => {
	if (existsSync(file)) {
		if (statSync(file).isDirectory()) throw new UsageError(`--out: a file was expected, got a folder: ${file}`);
		if (!options.overwrite) throw new UsageError(`--out: ${file} is there already; --force overwrites it`);
	}
	if (!existsSync(dirname(file))) throw new UsageError(`--out: no such folder: ${dirname(file)}`);
	const beside = join(dirname(file), `.${basename(file)}.${process.pid}.partial`);
	try {
		writeFileSync(beside, options.bytes, { flag: 'wx', flush: true });
		renameSync(beside, file);
	} catch (error) {
		rmSync(beside, { force: true });
		throw new UsageError(`--out: ${describeFileError(error, file)}`, { cause: error });
	}
};
