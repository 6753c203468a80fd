import { assertGeometry, type FlashArea, type Geometry, geometrySizeBytes, isWholeSectors } from '../../../harness/flash/index.js';
import type { WrongKey } from '../../../harness/text/yaml/index.js';
import type { LayoutFile } from './layout-schema.js';

export const geometryOf = ({ flash }: LayoutFile): Geometry => ({
	sectors: flash.sectors.map(({ count, size }) => ({ count, sizeBytes: size })),
	writeSizeBytes: flash.writeSize,
	erasedByte: flash.erased,
	writeOnce: flash.writeOnce,
});

const LARGEST_PART_BYTES = 64 * 1024 * 1024;
/** The smallest page that flash is kept in: sectors are whole numbers of them. */
const PAGE_BYTES = 32;

/** What is wrong between the keys of a layout that each are right. */
export const checkLayout = (file: LayoutFile): readonly WrongKey[] => {
	const wrong = checkFlash(file);
	return wrong.length > 0 ? wrong : checkAreas(file);
};

const checkFlash = (file: LayoutFile): readonly WrongKey[] => {
	const geometry = geometryOf(file);
	try {
		assertGeometry(geometry, PAGE_BYTES);
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
		return [{ path: ['flash', error.message.startsWith('writeSize') ? 'writeSize' : 'sectors'], message: error.message.replace(/^[\w.]+: /, '') }];
	}
	const sizeBytes = geometrySizeBytes(geometry);
	return sizeBytes <= LARGEST_PART_BYTES
		? []
		: [{ path: ['flash', 'sectors'], message: `at most ${LARGEST_PART_BYTES} bytes of flash were expected, got ${sizeBytes}` }];
};

/** Whole sectors of the part, shared with nothing else. */
const checkAreas = (file: LayoutFile): readonly WrongKey[] => {
	const geometry = geometryOf(file);
	const areas: readonly Placed[] = [
		{ path: ['slots', 'a'], area: file.slots.a },
		{ path: ['slots', 'b'], area: file.slots.b },
		...file.records.map((area, index) => ({ path: ['records', index], area })),
		...(file.scratch === undefined ? [] : [{ path: ['scratch'], area: file.scratch }]),
	];
	return areas.flatMap(({ path, area }, index) => {
		if (!isWholeSectors(geometry, { offsetBytes: area.offsetBytes, lengthBytes: area.sizeBytes })) {
			return [
				{ path, message: `whole sectors of the part's ${geometrySizeBytes(geometry)} bytes were expected, got ${area.sizeBytes} bytes at ${area.offsetBytes}` },
			];
		}
		const other = areas.slice(0, index).find((before) => overlap(before.area, area));
		return other === undefined ? [] : [{ path, message: `sectors of its own were expected, it reaches into ${other.path.join('.')}` }];
	});
};

interface Placed {
	readonly path: readonly PropertyKey[];
	readonly area: FlashArea;
}

const overlap = (one: FlashArea, other: FlashArea): boolean =>
	one.offsetBytes < other.offsetBytes + other.sizeBytes && other.offsetBytes < one.offsetBytes + one.sizeBytes;
