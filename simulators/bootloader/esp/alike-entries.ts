import { OTA_ENTRY_BYTES, otaCrc, parseOtaEntry } from './ota-entry.js';

/**
 * The pair of otadata entries that stands for all that the bootloader cannot tell from it: sequences count against each
 * other and name slots by parity, those of entries that were given up count for nothing. Entries that are not intact
 * stay as they are. For whoever explores states: without it the sequences grow for ever.
 */
export const alikeEntries = (parts: readonly Uint8Array[]): readonly Uint8Array[] => {
	const entries = parts.map((bytes) => parseOtaEntry(bytes));
	const isCounted = ({ isIntact, state }: (typeof entries)[number]): boolean => isIntact && state !== 'aborted' && state !== 'invalid';
	const lowest = Math.min(...entries.filter(isCounted).map(({ sequence }) => sequence));
	return parts.map((bytes, index) => {
		const entry = entries[index] as (typeof entries)[number];
		if (!entry.isIntact) return bytes;
		return withSequence(bytes, isCounted(entry) ? entry.sequence - lowest + firstOf(lowest) : firstOf(entry.sequence));
	});
};

/** The first sequence that names the same of two slots. */
const firstOf = (sequence: number): number => ((sequence - 1) & 1) + 1;

const withSequence = (bytes: Uint8Array, sequence: number): Uint8Array => {
	const alike = bytes.slice();
	const view = new DataView(alike.buffer, 0, OTA_ENTRY_BYTES);
	view.setUint32(0, sequence, true);
	view.setUint32(28, otaCrc(sequence), true);
	return alike;
};
