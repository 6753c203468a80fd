import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { FileReference } from '../../scenario/index.js';
import { UsageError } from '../usage-error.js';

/** A file of the user's: where it is, and what it holds. */
export interface InputFile {
	readonly reference: FileReference;
	readonly bytes: Uint8Array;
}

/** Throws a UsageError that names the flag. */
export const readInputFile = (path: string, { flag, directory }: { readonly flag: string; readonly directory: string }): InputFile => {
	try {
		const bytes = new Uint8Array(readFileSync(resolve(directory, path)));
		return { reference: { path, digest: digestOf(bytes) }, bytes };
	} catch (cause) {
		const { code } = cause as NodeJS.ErrnoException;
		throw new UsageError(`--${flag}: ${path} cannot be read: ${code === 'ENOENT' ? 'no such file' : code}`, { cause });
	}
};

/** Other bytes would replay another case and say that the failure is gone. */
export const assertSameFile = (found: FileReference, { flag, wanted }: { readonly flag: string; readonly wanted: FileReference }): void => {
	if (found.digest === wanted.digest) return;
	throw new UsageError(`case: ${flag}=${wanted.path} has changed since: SHA-256 ${wanted.digest}… was expected, got ${found.digest}…`);
};

export const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 12);
