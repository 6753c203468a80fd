import { createHash } from 'node:crypto';
import type { BoardReleases, Release } from '../../harness/ports/index.js';
import { type BoardApplication, readApplication } from './firmware-files.js';
import { buildImage } from './image.js';

/** What an image of the harness's own is made of. */
export interface ReleaseRecipe {
	readonly application: BoardApplication;
	readonly version: string;
	readonly securityVersion: number;
}

export const GOLDEN: ReleaseRecipe = { application: 'golden', version: '1.0.0', securityVersion: 1 };
const CANDIDATE: ReleaseRecipe = { application: 'candidate', version: '2.0.0', securityVersion: 1 };
const CRASHES: ReleaseRecipe = { application: 'crashes', version: '3.0.0', securityVersion: 1 };

/** Of the images that are signed well and never confirm themselves. */
export type BadBehaviour = 'crashes' | 'silent' | 'hangs' | 'unwell';
const WRONG_KEY = new TextEncoder().encode('somebody elses .');
/** In the middle of the slot: neither code nor footer would notice by themselves. */
const FLIPPED_BYTE = 4096;

export interface VirtualBoardReleases extends BoardReleases {
	bad(behaviour?: BadBehaviour): Release;
}

/** Images that the virtual board's own type brings. */
export const virtualBoardReleases = (): VirtualBoardReleases => ({
	golden: () => release('golden', { version: GOLDEN.version, bytes: built(GOLDEN) }),
	candidate: () => release('candidate', { version: CANDIDATE.version, bytes: built(CANDIDATE) }),
	bad: (behaviour = 'crashes') => release(`bad-${behaviour}`, { version: CRASHES.version, bytes: built({ ...CRASHES, application: behaviour }) }),
	forbidden: (defect) => {
		const { version } = CANDIDATE;
		if (defect === 'wrong-key') return { ...release(defect, { version, bytes: built(CANDIDATE, WRONG_KEY) }), defect: 'unknown-key' };
		const bytes = built(CANDIDATE);
		bytes[FLIPPED_BYTE] = (bytes[FLIPPED_BYTE] as number) ^ 0x01;
		return { ...release(defect, { version, bytes }), defect: 'payload-bit' };
	},
});

const built = (recipe: ReleaseRecipe, key?: Uint8Array): Uint8Array<ArrayBuffer> =>
	buildImage(readApplication(recipe.application), { ...recipe, ...(key === undefined ? {} : { key }) });

const release = (name: string, { version, bytes }: { readonly version: string; readonly bytes: Uint8Array }): Release => ({
	name,
	version,
	origin: 'harness',
	images: [{ hardware: HARDWARE, bytes, digest: createHash('sha256').update(bytes).digest('hex') }],
});

const HARDWARE = 'avr-board';
