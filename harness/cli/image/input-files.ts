import { readFileSync, statSync } from 'node:fs';
import { parseSigningKey, parseVerifyingKey, type SigningKey, type VerifyingKey } from '../../firmware/index.js';
import { UsageError } from '../usage-error.js';

/** The bytes of a file, or a UsageError that says what stands in the way. */
export const readInput = (file: string): Uint8Array => {
	try {
		const stat = statSync(file);
		if (stat.isDirectory()) throw new UsageError(`not a file but a folder: ${file}`);
		// A device such as /dev/zero never ends.
		if (!stat.isFile() && !stat.isFIFO()) throw new UsageError(`not a file: ${file}`);
		return new Uint8Array(readFileSync(file));
	} catch (error) {
		if (error instanceof UsageError) throw error;
		throw new UsageError(describeFileError(error, file), { cause: error });
	}
};

/** A public key with the file it came from. */
export interface KeyFile {
	readonly file: string;
	readonly key: VerifyingKey;
}

export const readVerifyingKey = (file: string): KeyFile => ({ file, key: readKey(file, parseVerifyingKey) });

export const readSigningKey = (file: string): SigningKey => readKey(file, parseSigningKey);

const readKey = <Key>(file: string, parse: (bytes: Uint8Array) => Key): Key => {
	let bytes: Uint8Array;
	try {
		bytes = readInput(file);
	} catch (error) {
		throw error instanceof UsageError ? new UsageError(`--key: ${error.message}`, { cause: error }) : error;
	}
	try {
		return parse(bytes);
	} catch (error) {
		if (!(error instanceof TypeError)) throw error;
		throw new UsageError(`--key ${file}: ${error.message}`, { cause: error });
	}
};

/** What went wrong with a file, in words, from the code of Node's error. */
export const describeFileError = (error: unknown, file: string): string => {
	const code = error instanceof Error && 'code' in error ? String(error.code) : '';
	if (code === 'ENOENT' || code === 'ENOTDIR') return `no such file: ${file}`;
	if (code === 'EACCES' || code === 'EPERM') return `permission denied: ${file}`;
	return `cannot use ${file}: ${error instanceof Error ? error.message : String(error)}`;
};
