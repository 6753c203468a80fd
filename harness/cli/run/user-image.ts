import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { profileForImages } from '../../../simulators/device/index.js';
import { parseVerifyingKey, type VerifyingKey, verifyImage } from '../../firmware/index.js';
import { UsageError } from '../usage-error.js';
import type { RequestedFile } from './run-request.js';

/** Files that the user brought to a run, as typed. */
export interface BroughtFiles {
	readonly image?: string;
	readonly key?: string;
	readonly from?: string;
}

/** What a run takes of them. */
export interface RequestedImages {
	readonly image?: RequestedFile;
	readonly key?: string;
	readonly from?: RequestedFile;
}

/**
 * Reads and judges what the user brought before anything runs. Throws a UsageError for a file that cannot be read, a key that
 * is none, and an image that the key does not accept, or that no device has room for: every device would refuse it.
 */
export const readUserImages = ({ image, key, from }: BroughtFiles, { directory }: { readonly directory: string }): RequestedImages => {
	if (image === undefined) {
		if (key !== undefined) throw new UsageError('--key: it goes with --image FILE, which is missing');
		if (from !== undefined) throw new UsageError('--from: it goes with --image FILE, which is missing');
		return {};
	}
	if (key === undefined) throw new UsageError('--image: it needs --key PUB.pem, the public key that devices check it with');
	const keys = [readKey(key, directory)];
	return {
		image: readImageFile(image, { flag: 'image', directory, keys }),
		key,
		...(from === undefined ? {} : { from: readImageFile(from, { flag: 'from', directory, keys }) }),
	};
};

const readKey = (path: string, directory: string): VerifyingKey => {
	const bytes = readBytes(path, { flag: 'key', directory });
	try {
		return parseVerifyingKey(bytes);
	} catch (cause) {
		throw new UsageError(`--key: ${path} holds no public key: ${(cause as Error).message}`, { cause });
	}
};

const readImageFile = (path: string, { flag, directory, keys }: { flag: string; directory: string; keys: readonly VerifyingKey[] }): RequestedFile => {
	const bytes = readBytes(path, { flag, directory });
	const verdict = verifyImage(bytes, { keys });
	if (!verdict.accepted) throw new UsageError(`--${flag}: the key does not accept ${path}, so every device would refuse it: ${verdict.reason}`);
	try {
		profileForImages(bytes.length, { holding: [] });
	} catch (cause) {
		throw cause instanceof RangeError ? new UsageError(`--${flag}: ${path}: ${cause.message}`, { cause }) : cause;
	}
	return { path, digest: createHash('sha256').update(bytes).digest('hex') };
};

const readBytes = (path: string, { flag, directory }: { flag: string; directory: string }): Uint8Array => {
	try {
		return new Uint8Array(readFileSync(resolve(directory, path)));
	} catch (cause) {
		const { code } = cause as NodeJS.ErrnoException;
		throw new UsageError(`--${flag}: ${path} cannot be read: ${code === 'ENOENT' ? 'no such file' : code}`, { cause });
	}
};
