import { createHash } from 'node:crypto';
import type { BlackstartEvent } from '../../harness/events/index.js';
import type { Release } from '../../harness/firmware/index.js';
import type { BoardReleases } from '../../harness/ports/index.js';
import { BoardError } from './board-error.js';

export const IMAGE_ROLES = ['golden', 'candidate', 'bad', 'bad-hangs', 'bad-silent', 'bad-unwell', 'wrong-key', 'payload-bit'] as const;
export type ImageRole = (typeof IMAGE_ROLES)[number];

export interface BoardImage {
	readonly version: string;
	readonly bytes: Uint8Array;
	/** As the board tells it, hex; the SHA-256 of the bytes where left out. */
	readonly digest?: string | undefined;
}

/** Images of a board by what they are for; a role may be missing. */
export type BoardImages = Readonly<Partial<Record<ImageRole, BoardImage>>>;

/** The releases of a board, and what is to be said of each before it is offered. */
export interface ReleaseBook extends BoardReleases {
	/** What the board tells of an image that is one of these, else the SHA-256 of the bytes. */
	digestOf(bytes: Uint8Array): string;
	/** The event that publishes a release. */
	describe(release: Release, at: number): Extract<BlackstartEvent, { readonly kind: 'release-published' }>;
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const isBad = (role: ImageRole | undefined): boolean => role === 'bad' || role?.startsWith('bad-') === true;

const DEFECTS = { 'wrong-key': 'unknown-key', 'payload-bit': 'payload-bit' } as const;

export const createReleaseBook = (
	images: BoardImages,
	{ board, type, origin }: { readonly board: string; readonly type: string; readonly origin: Release['origin'] },
): ReleaseBook => {
	const made = new Map<ImageRole, Release>();
	const roles = new Map<Release, ImageRole>();
	const make = (role: ImageRole): Release => {
		const known = made.get(role);
		if (known !== undefined) return known;
		const image = images[role];
		if (image === undefined)
			throw new BoardError('lacks', `board ${board}: no ${role} image: its rig file or board type should name one (images: { ${role}: { file, version } })`);
		const digest = image.digest ?? sha256Of(image.bytes);
		const defect = role === 'wrong-key' || role === 'payload-bit' ? { defect: DEFECTS[role] } : {};
		const release: Release = { name: role, version: image.version, origin, images: [{ hardware: type, bytes: image.bytes, digest }], ...defect };
		made.set(role, release);
		roles.set(release, role);
		return release;
	};
	return {
		golden: () => make('golden'),
		candidate: () => make('candidate'),
		bad: (how) => make(how === undefined ? 'bad' : `bad-${how}`),
		forbidden: make,
		digestOf: (bytes) => {
			const digest = sha256Of(bytes);
			const role = IMAGE_ROLES.find((one) => images[one] !== undefined && sha256Of(images[one].bytes) === digest);
			return (role === undefined ? undefined : images[role]?.digest) ?? digest;
		},
		describe: (release, at) => {
			const role = roles.get(release);
			const [image] = release.images;
			if (image === undefined) throw new TypeError(`release ${release.name}: an image was expected, it holds none`);
			const rejection = { 'wrong-key': 'a stranger signed it', 'payload-bit': 'one bit of its payload is turned over' }[role as string];
			return {
				kind: 'release-published',
				at,
				release: release.name,
				version: release.version,
				hardware: type,
				digest: image.digest,
				sizeBytes: image.bytes.length,
				securityCounter: 0,
				authentic: rejection === undefined,
				...(rejection === undefined ? {} : { rejection }),
				origin: release.origin,
				behaviour: isBad(role) ? 'bad' : 'healthy',
				bad: isBad(role),
				...(release.defect === undefined ? {} : { defect: release.defect }),
			};
		},
	};
};
