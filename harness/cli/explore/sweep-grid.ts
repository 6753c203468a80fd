import { BOOTLOADERS, type ExplorableBootloader } from './bootloaders.js';
import { IMAGE_SHAPES, type ImageShape, type Part } from './build-subject.js';
import { sayPart } from './target.js';

/** One cell of a sweep: a bootloader on a small part, with images of a shape. */
export interface SweepCell {
	readonly bootloader: ExplorableBootloader;
	/** What the part has that others have not. */
	readonly geometry: string;
	readonly part: Part;
	readonly images: ImageShape;
}

/** MCUboot's trailer of 128 sectors takes 3,120 bytes with writes of 8. */
const SMALL: Part = { sectors: 4, sectorSizeBytes: 4096, writeSizeBytes: 8 };
const SPREAD: Part = { sectors: 14, sectorSizeBytes: 512, writeSizeBytes: 8 };
const WIDE: Part = { sectors: 4, sectorSizeBytes: 8192, writeSizeBytes: 8 };
/** The small sectors first, as most parts have them, and the other way round. */
const UNEQUAL: readonly Part[] = [
	{ ...SMALL, sectors: 3, moreSectors: [{ count: 2, sizeBytes: 8192 }] },
	{ ...SMALL, sectors: 1, sectorSizeBytes: 8192, moreSectors: [{ count: 4, sizeBytes: 4096 }] },
];

/** The trailer grows with the writes, and the slot with it. */
const SECTORS_OF_WRITES = { 1: 4, 2: 4, 4: 4, 16: 8, 32: 12 } as const;

const UNEQUAL_LENGTHS = ['old-fills', 'new-fills'] as const;

/** Every cell, the same in every run: each shape on two geometries, but for three releases, whose states are many, and each further geometry with images of unequal length. */
export const sweepCells = (bootloaders: readonly ExplorableBootloader[] = BOOTLOADERS): readonly SweepCell[] =>
	bootloaders.flatMap((bootloader) => [
		...IMAGE_SHAPES.map((images) => ({ bootloader, geometry: 'trailer within a sector', part: SMALL, images })),
		...IMAGE_SHAPES.filter((images) => images !== 'three-releases').map((images) => ({
			bootloader,
			geometry: 'trailer larger than a sector',
			part: SPREAD,
			images,
		})),
		...UNEQUAL_LENGTHS.map((images) => ({ bootloader, geometry: 'few large sectors', part: WIDE, images })),
		...UNEQUAL.flatMap((part) => UNEQUAL_LENGTHS.map((images) => ({ bootloader, geometry: 'unequal sectors', part, images }))),
		...Object.entries(SECTORS_OF_WRITES).map(([size, sectors]) => ({
			bootloader,
			geometry: 'size of writes',
			part: { ...SMALL, sectors, writeSizeBytes: Number(size) },
			images: 'old-fills' as const,
		})),
		...UNEQUAL_LENGTHS.map((images) => ({ bootloader, geometry: 'written once', part: { ...SMALL, writeOnce: true as const }, images })),
	]);

export const titleOfCell = ({ bootloader, geometry, part, images }: SweepCell): string =>
	`${bootloader.name}: ${geometry}, ${sayPart(part)}, writes of ${part.writeSizeBytes}, images ${images}`;
