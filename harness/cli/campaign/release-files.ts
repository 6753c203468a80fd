import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CampaignPlan } from '../../campaign/index.js';
import { formatVersion, parseImage, parseVerifyingKey, type VerifyingKey, verifyImage, type Release, type ReleaseImage } from '../../firmware/index.js';
import { UsageError } from '../usage-error.js';

export interface ReleaseFiles {
	readonly release: Release;
	/** PEM. */
	readonly keys: readonly string[];
}

/** Reads the image files that a plan names, judged by its keys; undefined where it is for the candidate. Throws a UsageError for what no device would take. */
export const readReleaseFiles = ({ name, release }: CampaignPlan, { directory }: { readonly directory: string }): ReleaseFiles | undefined => {
	if (release === undefined) return undefined;
	if (release.keys.length === 0) throw new UsageError('release.keys: the public keys that devices check images with were expected, got none');
	const pems = release.keys.map((path) => Buffer.from(readBytes(path, { key: 'release.keys', directory })).toString());
	const keys = pems.map((pem, index) => parseKey(pem, String(release.keys[index])));
	const read = Object.entries(release.images).map(([hardware, path]) => readImage(path, { hardware, keys, directory }));
	const versions = [...new Set(read.map(({ version }) => version))];
	const [version] = versions;
	if (version === undefined) throw new UsageError('release.images: an image file for each hardware revision was expected, got none');
	if (versions.length > 1) throw new UsageError(`release.images: images of one version were expected, got ${versions.join(' and ')}`);
	return { release: { name: `${name}-release`, version, origin: 'user', images: read.map(({ image }) => image) }, keys: pems };
};

const readImage = (
	path: string,
	{ hardware, keys, directory }: { readonly hardware: string; readonly keys: readonly VerifyingKey[]; readonly directory: string },
): { readonly image: ReleaseImage; readonly version: string } => {
	const key = `release.images.${hardware}`;
	const bytes = readBytes(path, { key, directory });
	const verdict = verifyImage(bytes, { keys });
	if (!verdict.accepted) throw new UsageError(`${key}: the keys do not accept ${path}, so every device would refuse it: ${verdict.reason}`);
	const digest = createHash('sha256').update(bytes).digest('hex');
	return { image: { hardware, bytes, digest }, version: formatVersion(parseImage(bytes).header.version) };
};

const parseKey = (pem: string, path: string): VerifyingKey => {
	try {
		return parseVerifyingKey(pem);
	} catch (cause) {
		throw new UsageError(`release.keys: ${path} holds no public key: ${(cause as Error).message}`, { cause });
	}
};

const readBytes = (path: string, { key, directory }: { readonly key: string; readonly directory: string }): Uint8Array => {
	try {
		return new Uint8Array(readFileSync(resolve(directory, path)));
	} catch (cause) {
		const { code } = cause as NodeJS.ErrnoException;
		throw new UsageError(`${key}: ${path} cannot be read: ${code === 'ENOENT' ? 'no such file' : code}`, { cause });
	}
};
