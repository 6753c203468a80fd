import type { Geometry, Sector } from '../flash/index.js';

export type { Sector };

/** Every sector of a part, from offset 0 on. */
export const sectorsOf = (geometry: Geometry): readonly Sector[] => {
	const sectors: Sector[] = [];
	let offsetBytes = 0;
	for (const { count, sizeBytes } of geometry.sectors) {
		for (let index = 0; index < count; index++) {
			sectors.push({ index: sectors.length, offsetBytes, sizeBytes });
			offsetBytes += sizeBytes;
		}
	}
	return sectors;
};

/** The largest page that divides every sector, so that a state is as few numbers as may be; at most 4,096 bytes. */
export const pageSizeFor = (geometry: Geometry): number => {
	let pageSizeBytes = 4096;
	while (geometry.sectors.some(({ sizeBytes }) => sizeBytes % pageSizeBytes !== 0)) pageSizeBytes /= 2;
	if (pageSizeBytes < 32) throw new RangeError('geometry: sectors of a multiple of 32 bytes were expected');
	return pageSizeBytes;
};
