import type { BootLayout, BootloaderName } from '../../harness/bootloader/index.js';
import { assertGeometry, type FlashArea, type Geometry } from '../../harness/flash/index.js';

export interface BootGeometryOptions {
	/** Of a slot. */
	readonly sectors: number;
	readonly sectorBytes: number;
	readonly writeSizeBytes: number;
	readonly erasedByte?: 0xff | 0x00;
	readonly writeOnce?: boolean;
	/** Of the scratch area, for `mcuboot-swap-scratch`. Default 1. */
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
	const { sectors, sectorBytes, writeSizeBytes, erasedByte = 0xff, writeOnce = false, scratchSectors = 1 } = options;
	const hasRecords = name === 'ab' || name === 'esp-otadata';
	const secondarySectors = name === 'mcuboot-swap-offset' ? sectors + 1 : sectors;
	let laidOut = 0;
	const next = (count: number): FlashArea => {
		const area = { offsetBytes: laidOut * sectorBytes, sizeBytes: count * sectorBytes };
		laidOut += count;
		return area;
	};
	const records = hasRecords ? [next(1), next(1)] : [];
	const layout: BootLayout = {
		records,
		slotA: next(sectors),
		slotB: next(secondarySectors),
		scratch: name === 'mcuboot-swap-scratch' ? next(scratchSectors) : null,
	};
	const geometry: Geometry = { sectors: [{ count: laidOut, sizeBytes: sectorBytes }], writeSizeBytes, erasedByte, writeOnce };
	assertGeometry(geometry, writeSizeBytes);
	return { geometry, layout, maxSectors: Math.max(128, secondarySectors) };
};
