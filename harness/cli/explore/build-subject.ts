import { layOutBootloader, type SectorRun } from '../../../simulators/bootloader/index.js';
import type { ImageVerdict } from '../../bootloader/index.js';
import { pageSizeFor, type Subject, type SubjectImage } from '../../explorer/index.js';
import { encodeTrailer, type Image, parseImage, type SigningKey, verifyImage } from '../../firmware/index.js';
import { Flash, type Geometry, PageStore } from '../../flash/index.js';
import { UsageError } from '../usage-error.js';
import { type ExplorableBootloader, TRIAL_BOOTS } from './bootloaders.js';
import { createExplorerKey, generateImage } from './generated-images.js';

/** The part that a bootloader is explored on. */
export interface Part {
	/** In each slot. */
	readonly sectors: number;
	readonly sectorSizeBytes: number;
	/** In each slot too, behind those: sectors of other sizes. */
	readonly moreSectors?: readonly SectorRun[];
	readonly writeSizeBytes: number;
	/** With error correction: a unit takes one program, until its sector is erased. */
	readonly writeOnce?: true;
}

export const PART_DEFAULTS: Part = { sectors: 16, sectorSizeBytes: 4096, writeSizeBytes: 8 };

/** Throws a UsageError that names the flag of a part that no flash has. */
export const assertPart = ({ sectorSizeBytes, moreSectors = [], writeSizeBytes }: Part): void => {
	if (![1, 2, 4, 8, 16, 32].includes(writeSizeBytes)) throw new UsageError(`--write-size: 1, 2, 4, 8, 16 or 32 was expected, got ${writeSizeBytes}`);
	if (sectorSizeBytes % 64 !== 0) throw new UsageError(`--sector-size: a multiple of 64 bytes was expected, got ${sectorSizeBytes}`);
	for (const { sizeBytes } of moreSectors) {
		if (sizeBytes % 64 !== 0) throw new UsageError(`--more-sectors: sectors of a multiple of 64 bytes were expected, got ${sizeBytes}`);
	}
};

/** How the images lie in their slots: what decided most whether a real bug was seen. */
export const IMAGE_SHAPES = [
	'old-fills',
	'new-fills',
	'one-sector',
	'much-shorter',
	'tlvs-across',
	'padded-primary',
	'confirmed-primary',
	'three-releases',
	'rising-counter',
	'tampered',
] as const;
export type ImageShape = (typeof IMAGE_SHAPES)[number];

/** The bootloader on a part, with images of a shape made for it, or with the user's own: the first from the factory, the second to update to. */
export const buildSubject = (
	bootloader: ExplorableBootloader,
	options: { readonly part: Part; readonly images: ImageShape | readonly Uint8Array[] },
): Subject => {
	const { part, images } = options;
	const { sectors, sectorSizeBytes, moreSectors = [], writeSizeBytes, writeOnce = false } = part;
	const { layout, geometry, maxSectors } = layOutBootloader(bootloader.name, {
		sectors,
		sectorBytes: sectorSizeBytes,
		moreSectors,
		writeSizeBytes,
		writeOnce,
	});
	const settings = { trialBoots: TRIAL_BOOTS, verifyEveryBoot: true, maxSectors };
	const create: Subject['create'] = ({ flash, judge, counter }) => bootloader.create({ flash, judge, counter, layout, settings });
	const largestBytes = largestImage(create, geometry);
	const key = createExplorerKey();
	const slotBytes = layout.slotA.sizeBytes;
	const shaped = typeof images === 'string' ? shapeImages(images, { largestBytes, slotBytes, sectorSizeBytes, key }) : takeImages(images, largestBytes);
	const isPadded = images === 'padded-primary' || images === 'confirmed-primary';
	return {
		name: bootloader.name,
		geometry,
		layout,
		create,
		contract: bootloader.contract,
		knownLimits: bootloader.knownLimits,
		images: shaped,
		...(isPadded ? { factory: padToSlot(shaped[0] as SubjectImage, { slotBytes, writeSizeBytes, confirm: images === 'confirmed-primary' }) } : {}),
		judge: typeof images === 'string' ? (bytes) => judgeSigned(bytes, key) : (bytes) => judgeGiven(bytes, images),
		...(bootloader.symmetry ? { symmetry: bootloader.symmetry(layout) } : {}),
	};
};

const shapeImages = (
	shape: ImageShape,
	room: { readonly largestBytes: number; readonly slotBytes: number; readonly sectorSizeBytes: number; readonly key: SigningKey },
): readonly SubjectImage[] => {
	const { largestBytes, slotBytes, sectorSizeBytes, key } = room;
	const image = (version: number, sizeBytes: number, securityCounter = 1): SubjectImage => generateImage({ version, sizeBytes, securityCounter, key });
	const shorter = largestBytes - Math.floor(1.5 * sectorSizeBytes);
	const oneSector = Math.min(sectorSizeBytes, largestBytes);
	// The unsigned TLVs are 144 bytes: so many behind a border, and so many before it.
	const across = (sectors: number): number => Math.min(largestBytes, sectors * sectorSizeBytes + 72);
	switch (shape) {
		case 'old-fills':
			return [image(1, largestBytes), image(2, shorter)];
		case 'new-fills':
			return [image(1, shorter), image(2, largestBytes)];
		case 'one-sector':
			return [image(1, oneSector), image(2, oneSector >> 1)];
		case 'much-shorter':
			return [image(1, largestBytes), image(2, oneSector >> 1)];
		case 'tlvs-across':
			return [image(1, across(1)), image(2, across(2))];
		case 'padded-primary':
		case 'confirmed-primary':
			return [image(1, Math.min(largestBytes, slotBytes - PADDING_BYTES)), image(2, shorter)];
		case 'three-releases':
			return [image(1, largestBytes), image(2, shorter), image(3, oneSector)];
		case 'rising-counter':
			return [image(1, largestBytes), image(2, shorter, 3)];
		case 'tampered':
			return [image(1, largestBytes), image(2, shorter), generateImage({ version: 3, sizeBytes: shorter, securityCounter: 1, key, isAuthentic: false })];
	}
};

/** What imgtool's `--pad` and `--confirm` write at the end of a slot takes no more, whatever the alignment. */
const PADDING_BYTES = 64;

/** An image as `imgtool sign --pad`, or `--confirm`, leaves it for a programmer: of the slot's length, with magic and image_ok at its end. */
const padToSlot = ({ bytes }: SubjectImage, slot: { readonly slotBytes: number; readonly writeSizeBytes: number; readonly confirm: boolean }): Uint8Array => {
	const padded = new Uint8Array(slot.slotBytes).fill(0xff);
	const trailer = encodeTrailer({ ...slot, maxSectors: 1 }).subarray(-PADDING_BYTES);
	padded.set(trailer, slot.slotBytes - trailer.length);
	padded.set(bytes);
	return padded;
};

/** Throws a RangeError where an image is larger than its slot holds. */
const takeImages = (images: readonly Uint8Array[], largestBytes: number): readonly SubjectImage[] =>
	images.map((bytes) => {
		if (bytes.length > largestBytes)
			throw new RangeError(`at most ${largestBytes} bytes fit beside what the bootloader keeps in the slot, got ${bytes.length}`);
		return { bytes, securityCounter: parseImage(bytes).securityCounter ?? 0, isAuthentic: true };
	});

/** Of both slots alike, as the bootloader says on a blank part. */
const largestImage = (create: Subject['create'], geometry: Geometry): number => {
	const flash = new Flash({ geometry, store: new PageStore({ pageSizeBytes: pageSizeFor(geometry) }) });
	const judge = { judge: () => ({ ok: false, reason: 'blank' }) as const };
	return create({ flash, judge, counter: { read: () => 0, advance: () => {} } }).updateTarget('a').image.sizeBytes;
};

const judgeSigned = (bytes: Uint8Array, key: SigningKey): ImageVerdict => {
	const verdict = verifyImage(bytes, { keys: [key.verifyingKey] });
	return verdict.accepted ? accept(verdict.image) : { ok: false, reason: verdict.reason };
};

/** Whose key the user's images are signed with is not asked: authentic is what is byte for byte one of them. */
const judgeGiven = (bytes: Uint8Array, images: readonly Uint8Array[]): ImageVerdict => {
	const found = images.find((image) => Buffer.compare(bytes.subarray(0, image.length), image) === 0);
	return found === undefined ? { ok: false, reason: 'it is none of the images given' } : accept(parseImage(found));
};

const accept = ({ header, securityCounter, unprotectedTlvs }: Image): ImageVerdict => {
	const digest = unprotectedTlvs.find(({ name }) => name === 'SHA256')?.data ?? new Uint8Array(0);
	return { ok: true, version: header.version, securityCounter: securityCounter ?? 0, digest: Buffer.from(digest).toString('hex') };
};
