import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatVersion, parseVerifyingKey, readImage, type VerifyingKey } from '../../harness/firmware/index.js';

const KEYS = ['ed25519-A', 'ecdsa-p256-A', 'rsa-2048-A'];

/** An image that MCUboot's own imgtool signed, or a mutation of one; throws a RangeError where there is none of that name. */
export const readVector = (file: string): { readonly bytes: Uint8Array; readonly version: string } => {
	const path = join(vectorsFolder(), file);
	if (file.includes('/') || !existsSync(path)) throw new RangeError(`no image '${file}' among the vectors in ${vectorsFolder()}`);
	// No Buffer: its `slice` gives a view, and who takes a copy to spoil would spoil the image itself.
	const bytes = new Uint8Array(readFileSync(path));
	const { header } = readImage(bytes);
	return { bytes, version: header === undefined ? 'unknown' : formatVersion(header.version) };
};

/** The public keys that the vectors are signed for. */
export const readVectorKeys = (): readonly VerifyingKey[] =>
	KEYS.map((name) => parseVerifyingKey(readFileSync(join(vectorsFolder(), 'keys', `${name}.pub.pem`))));

const vectorsFolder = (): string => {
	let folder = dirname(fileURLToPath(import.meta.url));
	while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
	return join(folder, 'harness/firmware/vectors');
};
