import { createHash } from 'node:crypto';

/** A file that a server gives out, with the digests that its clients check it by. */
export interface Artifact {
	readonly filename: string;
	readonly bytes: Uint8Array;
	readonly hashes: { readonly sha1: string; readonly md5: string; readonly sha256: string };
	/** Strong (RFC 9110, 8.8.3): the same bytes and no others. */
	readonly etag: string;
}

export const createArtifact = (filename: string, bytes: Uint8Array): Artifact => {
	const digest = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex');
	const hashes = { sha1: digest('sha1'), md5: digest('md5'), sha256: digest('sha256') };
	return { filename, bytes, hashes, etag: `"${hashes.sha256.slice(0, 32)}"` };
};
