import { crc32 } from 'node:zlib';

/** What ESP-IDF knows of an app, as esp_flash_partitions.h counts it. */
export type OtaState = 'new' | 'pending-verify' | 'valid' | 'invalid' | 'aborted' | 'undefined';

/** An entry of the otadata partition as it lies in flash. */
export interface OtaEntry {
	/** Names the slot, (sequence - 1) modulo the number of slots; the larger one of two is the truth. */
	readonly sequence: number;
	/** Any code that ESP-IDF does not know boots like `valid`. */
	readonly state: OtaState | number;
	/** Whether the checksum, over the sequence alone, is right. */
	readonly isIntact: boolean;
}

const STATE_CODES: readonly OtaState[] = ['new', 'pending-verify', 'valid', 'invalid', 'aborted'];
const UNDEFINED = 0xffff_ffff;
export const BLANK_SEQUENCE = 0xffff_ffff;

/**
 * | offset | size | field | little-endian |
 * | --- | --- | --- | --- |
 * | 0 | 4 | sequence | 1 and up; FFFFFFFF: blank |
 * | 4 | 20 | label | FF |
 * | 24 | 4 | state | 0 new, 1 pending verify, 2 valid, 3 invalid, 4 aborted, FFFFFFFF undefined |
 * | 28 | 4 | CRC | crc32_le(FFFFFFFF) of bytes 0 to 3: the state is not covered |
 *
 * One entry at the start of each of two sectors; every write of one erases its sector first.
 */
export const OTA_ENTRY_BYTES = 32;

export const encodeOtaEntry = ({ sequence, state }: Pick<OtaEntry, 'sequence' | 'state'>): Uint8Array => {
	const bytes = new Uint8Array(OTA_ENTRY_BYTES).fill(0xff);
	const view = new DataView(bytes.buffer);
	view.setUint32(0, sequence, true);
	view.setUint32(24, codeOf(state), true);
	view.setUint32(28, otaCrc(sequence), true);
	return bytes;
};

export const parseOtaEntry = (bytes: Uint8Array): OtaEntry => {
	const view = new DataView(bytes.buffer, bytes.byteOffset, OTA_ENTRY_BYTES);
	const sequence = view.getUint32(0, true);
	const code = view.getUint32(24, true);
	return { sequence, state: code === UNDEFINED ? 'undefined' : (STATE_CODES[code] ?? code), isIntact: view.getUint32(28, true) === otaCrc(sequence) };
};

/** The ROM's crc32_le begun with FFFFFFFF, which is zlib's begun with that. */
export const otaCrc = (sequence: number): number => {
	const bytes = new Uint8Array(4);
	new DataView(bytes.buffer).setUint32(0, sequence, true);
	return crc32(bytes, 0xffff_ffff);
};

const codeOf = (state: OtaState | number): number => {
	if (typeof state === 'number') return state;
	return state === 'undefined' ? UNDEFINED : STATE_CODES.indexOf(state);
};
