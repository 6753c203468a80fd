import { readFileSync } from 'node:fs';
import type { BoardSpec } from '../rig-file/index.js';
import { BoardError } from './board-error.js';
import { type BoardImages, IMAGE_ROLES } from './board-releases.js';

/** The images that a rig file and its board type name, read from their files. */
export const readImages = ({ name, images }: Pick<BoardSpec, 'name' | 'images'>): BoardImages =>
	Object.fromEntries(
		IMAGE_ROLES.flatMap((role) => {
			const image = images[role];
			if (image === undefined) return [];
			try {
				return [[role, { version: image.version, digest: image.digest, bytes: new Uint8Array(readFileSync(image.file)) }]];
			} catch (cause) {
				throw new BoardError('lacks', `board ${name}: ${role} image ${image.file} cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
			}
		}),
	);
