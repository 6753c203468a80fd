import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseVerifyingKey, type VerifyingKey } from './key.js';

/** One image of the committed vectors, as tests see it. */
export interface Vector {
	readonly file: string;
	readonly signedWith: string;
	readonly bootloader: 'accept' | 'reject';
	readonly bytes: Uint8Array;
	/** Only of images that imgtool wrote itself. */
	readonly header?: {
		readonly magic: number;
		readonly load_addr: number;
		readonly hdr_size: number;
		readonly protected_tlv_size: number;
		readonly img_size: number;
		readonly flags: number;
		readonly version: string;
	};
	readonly tlvs?: readonly { readonly type: number; readonly type_name: string; readonly len: number; readonly data: string }[];
}

/** For tests only: reads the vectors from the source tree, which is found by walking up to the package's root. */
export const loadVectors = (): readonly Vector[] => {
	const manifest = JSON.parse(readFileSync(join(vectorFolder(), 'manifest.json'), 'utf8')) as { readonly images: readonly Omit<Vector, 'bytes'>[] };
	return manifest.images.map((image) => ({ ...image, bytes: loadVector(image.file) }));
};

export const loadVector = (file: string): Uint8Array => new Uint8Array(readFileSync(join(vectorFolder(), file)));

/** `ed25519-A` and the like. */
export const loadVectorKey = (name: string): VerifyingKey => parseVerifyingKey(readFileSync(vectorKeyFile(name), 'utf8'));

export const vectorKeyFile = (name: string): string => join(vectorFolder(), 'keys', `${name}.pub.pem`);

export const vectorFolder = (): string => {
	let folder = dirname(fileURLToPath(import.meta.url));
	while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
	return join(folder, 'harness', 'firmware', 'vectors');
};
