import { BOOTLOADERS, type ExplorableBootloader } from './bootloaders.js';
import { IMAGE_SHAPES, type ImageShape, type Part } from './build-subject.js';

/** One cell of a sweep: a bootloader on a small part, with images of a shape. */
export interface SweepCell {
	readonly bootloader: ExplorableBootloader;
	/** What the part has that others have not. */
	readonly geometry: string;
	readonly part: Part;
	readonly images: ImageShape;
	/** Absent: it can be walked. Why it is not, where that is known before. */
	readonly notWalked?: string;
}

/** MCUboot's trailer of 128 sectors takes 3,120 bytes with writes of 8. */
const SMALL: Part = { sectors: 4, sectorSizeBytes: 4096, writeSizeBytes: 8 };
const SPREAD: Part = { sectors: 14, sectorSizeBytes: 512, writeSizeBytes: 8 };
const WIDE: Part = { sectors: 4, sectorSizeBytes: 8192, writeSizeBytes: 8 };

/** The trailer grows with the writes, and the slot with it. */
const SECTORS_OF_WRITES = { 1: 4, 2: 4, 4: 4, 16: 8, 32: 12 } as const;

/** Every cell, the same in every run: each shape on two geometries, and each size of writes. */
export const sweepCells = (bootloaders: readonly ExplorableBootloader[] = BOOTLOADERS): readonly SweepCell[] =>
	bootloaders.flatMap((bootloader) => [
		...IMAGE_SHAPES.map((images) => ({ bootloader, geometry: 'trailer within a sector', part: SMALL, images })),
		...IMAGE_SHAPES.map((images) => ({ bootloader, geometry: 'trailer larger than a sector', part: SPREAD, images })),
		...(['old-fills', 'new-fills'] as const).map((images) => ({ bootloader, geometry: 'few large sectors', part: WIDE, images })),
		...Object.entries(SECTORS_OF_WRITES).map(([size, sectors]) => ({
			bootloader,
			geometry: 'size of writes',
			part: { ...SMALL, sectors, writeSizeBytes: Number(size) },
			images: 'old-fills' as const,
		})),
		{ bootloader, geometry: 'unequal sectors', part: SMALL, images: 'old-fills', notWalked: whyEqual(bootloader) },
	]);

export const titleOfCell = ({ bootloader, geometry, part, images }: SweepCell): string =>
	`${bootloader.name}: ${geometry}, ${part.sectors} x ${part.sectorSizeBytes}, writes of ${part.writeSizeBytes}, images ${images}`;

const whyEqual = ({ name }: ExplorableBootloader): string =>
	name === 'mcuboot-swap-move' || name === 'mcuboot-swap-offset'
		? `${name} refuses slots of unequal sectors, which MCUboot takes and swaps wrongly`
		: 'parts of unequal sectors are not built here: nothing is said of them';
