/** How a flash part is cut up, and what its cells allow. */
export interface Geometry {
	/** Runs of equal sectors from offset 0 on. Every sector is a whole number of pages of the store it lies in. */
	readonly sectors: readonly { readonly count: number; readonly sizeBytes: number }[];
	/** Programs begin and end on multiples of this. */
	readonly writeSizeBytes: number;
	readonly erasedByte: 0xff | 0x00;
	/** Parts with error correction: a unit once programmed may not be programmed again until its sector is erased. */
	readonly writeOnce: boolean;
	/** Erases that a sector bears; absent: without end. */
	readonly enduranceCycles?: number;
}

export interface Sector {
	/** Counted from offset 0. */
	readonly index: number;
	readonly offsetBytes: number;
	readonly sizeBytes: number;
}

export const geometrySizeBytes = (geometry: Geometry): number => geometry.sectors.reduce((sum, run) => sum + run.count * run.sizeBytes, 0);

export const sectorCount = (geometry: Geometry): number => geometry.sectors.reduce((sum, run) => sum + run.count, 0);

/** The sector that holds the byte at `offsetBytes`. Throws a RangeError outside the part. */
export const sectorAt = (geometry: Geometry, offsetBytes: number): Sector => {
	let index = 0;
	let start = 0;
	for (const run of geometry.sectors) {
		const end = start + run.count * run.sizeBytes;
		if (offsetBytes >= start && offsetBytes < end) {
			const inRun = Math.floor((offsetBytes - start) / run.sizeBytes);
			return { index: index + inRun, offsetBytes: start + inRun * run.sizeBytes, sizeBytes: run.sizeBytes };
		}
		index += run.count;
		start = end;
	}
	throw new RangeError(`offsetBytes: an offset below ${start} was expected, got ${offsetBytes}`);
};

/** True where the range is one or more whole sectors. */
export const isWholeSectors = (geometry: Geometry, area: { readonly offsetBytes: number; readonly lengthBytes: number }): boolean => {
	const end = area.offsetBytes + area.lengthBytes;
	if (!(area.offsetBytes >= 0 && area.lengthBytes > 0 && end <= geometrySizeBytes(geometry))) return false;
	if (sectorAt(geometry, area.offsetBytes).offsetBytes !== area.offsetBytes) return false;
	const last = sectorAt(geometry, end - 1);
	return last.offsetBytes + last.sizeBytes === end;
};

/** Throws a RangeError that names the field of a geometry no part can have, or that pages of this size cannot hold. */
export const assertGeometry = (geometry: Geometry, pageSizeBytes: number): void => {
	const { writeSizeBytes, erasedByte, enduranceCycles } = geometry;
	if (!(Number.isSafeInteger(writeSizeBytes) && writeSizeBytes > 0 && pageSizeBytes % writeSizeBytes === 0)) {
		throw new RangeError(`writeSizeBytes: a divisor of the page size ${pageSizeBytes} was expected, got ${writeSizeBytes}`);
	}
	if (erasedByte !== 0xff && erasedByte !== 0x00) throw new RangeError(`erasedByte: 0xff or 0x00 was expected, got ${String(erasedByte)}`);
	if (enduranceCycles !== undefined && !(Number.isSafeInteger(enduranceCycles) && enduranceCycles > 0)) {
		throw new RangeError(`enduranceCycles: a whole number above 0 was expected, got ${enduranceCycles}`);
	}
	if (geometry.sectors.length === 0) throw new RangeError('sectors: at least one run of sectors was expected, got none');
	for (const run of geometry.sectors) {
		if (!(Number.isSafeInteger(run.count) && run.count > 0)) throw new RangeError(`sectors.count: a whole number above 0 was expected, got ${run.count}`);
		if (!(Number.isSafeInteger(run.sizeBytes) && run.sizeBytes > 0 && run.sizeBytes % pageSizeBytes === 0)) {
			throw new RangeError(`sectors.sizeBytes: a multiple of the page size ${pageSizeBytes} was expected, got ${run.sizeBytes}`);
		}
	}
};
