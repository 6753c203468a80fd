import type { Layout } from './profile.js';

/** What an area of a device's flash is for. */
export type FlashArea = 'record' | 'settings' | 'outcome' | 'journal' | 'keys' | 'slot' | 'scratch' | 'other';

/** The area that holds the byte at `offsetBytes`; `other` where the layout names none. A bootloader that keeps its records in trailers has them in `slot`. */
export const areaOf = ({ records, settings, outcome, journal, keys, slotA, slotB, scratch }: Layout, offsetBytes: number): FlashArea => {
	const areas = {
		record: records,
		settings,
		outcome: [outcome],
		journal: [journal],
		keys,
		slot: [slotA, slotB],
		scratch: scratch === undefined ? [] : [scratch],
	} as const;
	for (const [area, regions] of Object.entries(areas)) {
		if (regions.some((region) => offsetBytes >= region.offsetBytes && offsetBytes < region.offsetBytes + region.sizeBytes)) return area as FlashArea;
	}
	return 'other';
};
