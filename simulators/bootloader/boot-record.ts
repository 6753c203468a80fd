import { crc32 } from 'node:zlib';
import type { RevertReason, Slot } from '../../harness/bootloader/index.js';
import { AB_RULES, type AbRules } from './ab-rules.js';

/** What the `ab` bootloader knows from one boot to the next. */
export interface BootRecord {
	/** Counts writes, modulo 2^32: the newer of two records is the truth. */
	readonly sequence: number;
	readonly active: Slot;
	readonly confirmed: boolean;
	readonly trial: Slot | null;
	/** Boots of the trial so far. */
	readonly attempts: number;
	readonly lastRevert: RevertReason | null;
	/** Security counter of the image confirmed last: the device's counter is brought up to it, never beyond. */
	readonly securityCounter: number;
}

/**
 * | offset | size | field | little-endian |
 * | --- | --- | --- | --- |
 * | 0 | 4 | magic | `BSAB` |
 * | 4 | 4 | sequence | |
 * | 8 | 1 | active slot | 1: a, 2: b |
 * | 9 | 1 | confirmed | 1: yes, 2: no |
 * | 10 | 1 | trial slot | 0: none, 1: a, 2: b |
 * | 11 | 1 | attempts | boots of the trial |
 * | 12 | 1 | last revert | 0: none, else index in REVERT_REASONS + 1 |
 * | 13 | 3 | zero | |
 * | 16 | 4 | security counter | of the image confirmed last |
 * | 20 | 8 | zero | |
 * | 28 | 4 | CRC-32 | of bytes 0 to 27 |
 *
 * 32 bytes are whole units of every write size from 1 to 32; a record is one program into a freshly erased sector, so
 * that write-once parts take it too.
 */
export const RECORD_SIZE_BYTES = 32;

const MAGIC = 0x42415342;
const SLOTS: readonly Slot[] = ['a', 'b'];
const REVERT_REASONS: readonly RevertReason[] = ['not-confirmed', 'image-invalid', 'below-counter'];

export const encodeBootRecord = (record: BootRecord): Uint8Array => {
	const bytes = new Uint8Array(RECORD_SIZE_BYTES);
	const view = new DataView(bytes.buffer);
	view.setUint32(0, MAGIC, true);
	view.setUint32(4, record.sequence, true);
	view.setUint8(8, SLOTS.indexOf(record.active) + 1);
	view.setUint8(9, record.confirmed ? 1 : 2);
	view.setUint8(10, record.trial === null ? 0 : SLOTS.indexOf(record.trial) + 1);
	view.setUint8(11, record.attempts);
	view.setUint8(12, record.lastRevert === null ? 0 : REVERT_REASONS.indexOf(record.lastRevert) + 1);
	view.setUint32(16, record.securityCounter, true);
	view.setUint32(28, crc32(bytes.subarray(0, 28)), true);
	return bytes;
};

/** Null for anything that is not a whole record. */
export const parseBootRecord = (bytes: Uint8Array, { checksRecord }: Pick<AbRules, 'checksRecord'> = AB_RULES): BootRecord | null => {
	if (bytes.length < RECORD_SIZE_BYTES) return null;
	const view = new DataView(bytes.buffer, bytes.byteOffset, RECORD_SIZE_BYTES);
	if (view.getUint32(0, true) !== MAGIC || (checksRecord && view.getUint32(28, true) !== crc32(bytes.subarray(0, 28)))) return null;
	const active = SLOTS[view.getUint8(8) - 1];
	const trial = view.getUint8(10) === 0 ? null : SLOTS[view.getUint8(10) - 1];
	const lastRevert = view.getUint8(12) === 0 ? null : REVERT_REASONS[view.getUint8(12) - 1];
	if (active === undefined || trial === undefined || lastRevert === undefined) return null;
	return {
		sequence: view.getUint32(4, true),
		active,
		confirmed: view.getUint8(9) === 1,
		trial,
		attempts: view.getUint8(11),
		lastRevert,
		securityCounter: view.getUint32(16, true),
	};
};

/** True where `left` was written after `right`; sequences wrap. */
export const isNewerRecord = (left: BootRecord, right: BootRecord): boolean => ((left.sequence - right.sequence) | 0) > 0;
