import { parseImage, verifyImage } from '../../firmware/index.js';
import type { FileReference } from '../../scenario/index.js';
import { UsageError } from '../usage-error.js';
import { digestOf, readInputFile } from './input-file.js';

/** The user's own images: what devices run, and what they update to. */
export interface UserPair {
	readonly from: FileReference;
	readonly to: FileReference;
	readonly bytes: readonly [Uint8Array, Uint8Array];
}

/** Null: neither was given. Throws a UsageError for one without the other, or a file that is no image. */
export const readUserPair = (
	given: { readonly from?: string | undefined; readonly to?: string | undefined },
	{ directory }: { readonly directory: string },
): UserPair | null => {
	const { from, to } = given;
	if (from === undefined && to === undefined) return null;
	if (from === undefined || to === undefined) throw new UsageError(`--${from === undefined ? 'from' : 'to'}: the other image of the update was expected too`);
	const [old, next] = [readImage(from, { flag: 'from', directory }), readImage(to, { flag: 'to', directory })];
	if (Buffer.compare(old, next) === 0) throw new UsageError(`--to: an image other than ${from} was expected, got the same bytes`);
	return { from: { path: from, digest: digestOf(old) }, to: { path: to, digest: digestOf(next) }, bytes: [old, next] };
};

/** Without a trailer that was padded to it: the world requests updates itself. Whose key it is signed with is not asked, but whether it is whole. */
const readImage = (path: string, { flag, directory }: { readonly flag: string; readonly directory: string }): Uint8Array => {
	const { bytes } = readInputFile(path, { flag, directory });
	const image = takeImage(bytes, { flag, path });
	const verdict = verifyImage(image, { keys: [] });
	if (verdict.accepted || !REFUSED_BY_ALL.includes(verdict.code)) return image;
	throw new UsageError(`--${flag}: ${path}: an image that some bootloader runs was expected: ${verdict.reason}`);
};

/** What is refused whatever the key. */
const REFUSED_BY_ALL: readonly string[] = ['bad-hash', 'not-bootable'];

const takeImage = (bytes: Uint8Array, { flag, path }: { readonly flag: string; readonly path: string }): Uint8Array => {
	try {
		return bytes.subarray(0, parseImage(bytes).sizeBytes);
	} catch (cause) {
		throw new UsageError(`--${flag}: ${path} is no MCUboot image: ${(cause as Error).message}`, { cause });
	}
};
