import { encodeBootRecord, isNewerRecord, parseBootRecord, RECORD_SIZE_BYTES } from './boot-record.js';

/**
 * The pair of boot records that stands for all that an `ab` bootloader cannot tell from it: sequence numbers count only
 * against each other, so that the older record, or the only one, may as well have number 1. Bytes that are no record
 * stay as they are. For whoever explores states: without it the numbers grow for ever.
 */
export const alikeRecords = (parts: readonly Uint8Array[]): readonly Uint8Array[] => {
	const records = parts.map((bytes) => parseBootRecord(bytes));
	const present = records.filter((record) => record !== null);
	const oldest = present.reduce((oldest, record) => (isNewerRecord(oldest, record) ? record : oldest), present[0] as (typeof present)[number]);
	return parts.map((bytes, index) => {
		const record = records[index];
		if (!record) return bytes;
		const alike = bytes.slice();
		alike.set(encodeBootRecord({ ...record, sequence: (record.sequence - oldest.sequence + 1) >>> 0 }).subarray(0, RECORD_SIZE_BYTES));
		return alike;
	});
};
