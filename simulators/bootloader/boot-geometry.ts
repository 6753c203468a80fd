import type { BootLayout, BootloaderName } from '../../harness/bootloader/index.js';
import { assertGeometry, type FlashArea, type Geometry } from '../../harness/flash/index.js';

/** Sectors of one size, one behind the other. */
export interface SectorRun {
	readonly count: number;
	readonly sizeBytes: number;
}

export interface BootGeometryOptions {
	/** Of a slot. */
	readonly sectors: number;
	readonly sectorBytes: number;
	/** Of a slot too, behind those: sectors of other sizes. Default none. */
	readonly moreSectors?: readonly SectorRun[];
	readonly writeSizeBytes: number;
	readonly erasedByte?: 0xff | 0x00;
	readonly writeOnce?: boolean;
	/** Of the scratch area, for `mcuboot-swap-scratch`, as large as the largest of a slot. Default 1. */
	readonly scratchSectors?: number;
}

export interface BootGeometry {
	readonly geometry: Geometry;
	readonly layout: BootLayout;
	/** BOOT_MAX_IMG_SECTORS that the slots need: 128, or more where they are larger. */
	readonly maxSectors: number;
}

/**
 * A part with what a bootloader needs and nothing else, from its first sector on: records, slot a, slot b, scratch. With
 * `mcuboot-swap-offset` the secondary slot has the sector more that MCUboot recommends.
 */
export const layOutBootloader = (name: BootloaderName, options: BootGeometryOptions): BootGeometry => {
	const { sectors, sectorBytes, moreSectors = [], writeSizeBytes, erasedByte = 0xff, writeOnce = false, scratchSectors = 1 } = options;
	const hasRecords = name === 'ab' || name === 'esp-otadata';
	const slot: readonly SectorRun[] = [{ count: sectors, sizeBytes: sectorBytes }, ...moreSectors];
	const last = slot.at(-1) as SectorRun;
	const secondary = name === 'mcuboot-swap-offset' ? [...slot, { count: 1, sizeBytes: last.sizeBytes }] : slot;
	const laidOut: SectorRun[] = [];
	const next = (runs: readonly SectorRun[]): FlashArea => {
		const area = { offsetBytes: sizeOf(laidOut), sizeBytes: sizeOf(runs) };
		laidOut.push(...runs);
		return area;
	};
	const record = [{ count: 1, sizeBytes: sectorBytes }];
	const records = hasRecords ? [next(record), next(record)] : [];
	const layout: BootLayout = {
		records,
		slotA: next(slot),
		slotB: next(secondary),
		scratch: name === 'mcuboot-swap-scratch' ? next([{ count: scratchSectors, sizeBytes: Math.max(...slot.map(({ sizeBytes }) => sizeBytes)) }]) : null,
	};
	const geometry: Geometry = { sectors: joined(laidOut), writeSizeBytes, erasedByte, writeOnce };
	assertGeometry(geometry, writeSizeBytes);
	return { geometry, layout, maxSectors: Math.max(128, countOf(secondary)) };
};

const sizeOf = (runs: readonly SectorRun[]): number => runs.reduce((sum, { count, sizeBytes }) => sum + count * sizeBytes, 0);

const countOf = (runs: readonly SectorRun[]): number => runs.reduce((sum, { count }) => sum + count, 0);

/** As few runs as may be. */
const joined = (runs: readonly SectorRun[]): readonly SectorRun[] => {
	const fewer: SectorRun[] = [];
	for (const run of runs) {
		const isSame = fewer.at(-1)?.sizeBytes === run.sizeBytes;
		const before = isSame ? (fewer.pop() as SectorRun).count : 0;
		fewer.push({ count: before + run.count, sizeBytes: run.sizeBytes });
	}
	return fewer;
};
