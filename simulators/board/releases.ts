import { createHash } from 'node:crypto';
import type { Release } from '../../harness/firmware/index.js';
import type { BoardReleases } from '../../harness/ports/index.js';
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

/** What images are for. */
export interface ReleaseTarget {
	readonly type: string;
	/** As its bootloader holds it; the AVR board's by default. */
	readonly hardware?: number;
	readonly readApplication: (name: BoardApplication) => Uint8Array;
}

/** Images that the virtual board's own type brings. */
export const virtualBoardReleases = (): VirtualBoardReleases => createReleases({ type: 'avr-board', readApplication });

export const createReleases = (target: ReleaseTarget): VirtualBoardReleases => ({
	golden: () => release('golden', { ...target, version: GOLDEN.version, bytes: built(GOLDEN, target) }),
	candidate: () => release('candidate', { ...target, version: CANDIDATE.version, bytes: built(CANDIDATE, target) }),
	bad: (behaviour = 'crashes') =>
		release(`bad-${behaviour}`, { ...target, version: CRASHES.version, bytes: built({ ...CRASHES, application: behaviour }, target) }),
	forbidden: (defect) => {
		const { version } = CANDIDATE;
		if (defect === 'wrong-key') return { ...release(defect, { ...target, version, bytes: built(CANDIDATE, target, WRONG_KEY) }), defect: 'unknown-key' };
		const bytes = built(CANDIDATE, target);
		bytes[FLIPPED_BYTE] = (bytes[FLIPPED_BYTE] as number) ^ 0x01;
		return { ...release(defect, { ...target, version, bytes }), defect: 'payload-bit' };
	},
});

const built = (recipe: ReleaseRecipe, target: ReleaseTarget, key?: Uint8Array): Uint8Array<ArrayBuffer> =>
	buildImage(target.readApplication(recipe.application), {
		...recipe,
		...(key === undefined ? {} : { key }),
		...(target.hardware === undefined ? {} : { hardware: target.hardware }),
	});

const release = (name: string, { type, version, bytes }: { readonly type: string; readonly version: string; readonly bytes: Uint8Array }): Release => ({
	name,
	version,
	origin: 'harness',
	images: [{ hardware: type, bytes, digest: createHash('sha256').update(bytes).digest('hex') }],
});
