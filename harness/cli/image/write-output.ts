import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../usage-error.js';
import { describeFileError } from './input-files.js';

/**
 * Writes a file whole or not at all: beside its place first, then renamed into it. A file that is there stays unless `overwrite` is set.
 * Throws a UsageError where the place cannot be written.
 */
export const writeOutput = (file: string, options: { readonly bytes: Uint8Array | Iterable<string>; readonly overwrite: boolean }): void => {
	if (existsSync(file)) {
		if (statSync(file).isDirectory()) throw new UsageError(`--out: a file was expected, got a folder: ${file}`);
		if (!options.overwrite) throw new UsageError(`--out: ${file} is there already; --force overwrites it`);
	}
	if (!existsSync(dirname(file))) throw new UsageError(`--out: no such folder: ${dirname(file)}`);
	const beside = join(dirname(file), `.${basename(file)}.${process.pid}.partial`);
	try {
		write(beside, options.bytes);
		renameSync(beside, file);
	} catch (error) {
		rmSync(beside, { force: true });
		throw new UsageError(`--out: ${describeFileError(error, file)}`, { cause: error });
	}
};

/** Texts are written as they come, some at a time. */
const write = (file: string, bytes: Uint8Array | Iterable<string>): void => {
	const descriptor = openSync(file, 'wx');
	try {
		if (bytes instanceof Uint8Array) writeFileSync(descriptor, bytes);
		else {
			let batch: string[] = [];
			for (const text of bytes) if (batch.push(text) >= BATCH) batch = writeBatch(descriptor, batch);
			writeBatch(descriptor, batch);
		}
		fsyncSync(descriptor);
	} finally {
		closeSync(descriptor);
	}
};

const BATCH = 1_000;

const writeBatch = (descriptor: number, batch: readonly string[]): string[] => {
	writeFileSync(descriptor, batch.join(''));
	return [];
};
