import { crc32 } from 'node:zlib';
import { type Flash, type FlashArea, padToUnits, readWhole } from '../../../harness/flash/index.js';

/** One record of a log in flash. */
export interface LogRecord {
	readonly sequence: number;
	/** Whose record it is, in its log's own terms. */
	readonly tag: number;
	readonly payload: Uint8Array;
}

/** What an area holds: whole records in order, up to the first byte that belongs to none. */
export interface RecordLog {
	readonly area: FlashArea;
	readonly records: readonly LogRecord[];
	/** Behind the last record, blank or torn. */
	readonly restBytes: number;
}

/**
 * Records lie one behind the other from the start of their area, each in one program, in whole units:
 *
 * | offset | size | field | little-endian |
 * | --- | --- | --- | --- |
 * | 0 | 4 | magic | `BSRL` |
 * | 4 | 4 | sequence | |
 * | 8 | 4 | tag | |
 * | 12 | 4 | payload length | |
 * | 16 | 4 | CRC-32 | of bytes 0 to 15 and the payload |
 * | 20 | | payload | then erased bytes to the end of the unit |
 */
const HEADER_BYTES = 20;
const MAGIC = 0x4c525342;

export const readRecordLog = (flash: Flash, area: FlashArea): RecordLog => {
	const records: LogRecord[] = [];
	let at = 0;
	for (;;) {
		const record = readRecord(flash, { offsetBytes: area.offsetBytes + at, sizeBytes: area.sizeBytes - at });
		if (record === null) break;
		records.push(record);
		at += encodedSizeBytes(flash, record);
	}
	return { area, records, restBytes: area.sizeBytes - at };
};

/** False: there is no room, or the flash did not keep the record; the records before it are untouched either way. */
export const appendRecord = (flash: Flash, options: { readonly log: RecordLog; readonly record: LogRecord }): boolean => {
	const { area, restBytes } = options.log;
	const bytes = padToUnits(encodeRecord(options.record), flash);
	const offsetBytes = area.offsetBytes + area.sizeBytes - restBytes;
	// Something torn may lie there: the area takes no more before it is erased.
	if (bytes.length > restBytes || !isBlank(flash, { offsetBytes, sizeBytes: restBytes })) return false;
	try {
		flash.program(offsetBytes, bytes);
	} catch (error) {
		// A unit torn before a bit of it moved looks blank and is not: the area takes no more.
		if (isSpent(error)) return false;
		throw error;
	}
	return flash.isHolding(offsetBytes, bytes);
};

/** The bytes of a log that holds just these records. */
export const encodeRecordLog = (flash: Flash, records: readonly LogRecord[]): Uint8Array =>
	Buffer.concat(records.map((record) => padToUnits(encodeRecord(record), flash)));

/** True for the error of programming a write-once unit that was used before, whatever it reads as. */
export const isSpent = (error: unknown): boolean => error instanceof Error && 'code' in error && (error.code === 'write-once' || error.code === 'unreadable');

/** True where every byte reads as erased; an empty range is. */
export const isBlank = (flash: Flash, area: FlashArea): boolean => area.sizeBytes === 0 || flash.isErased(area.offsetBytes, area.sizeBytes);

const encodedSizeBytes = (flash: Flash, record: LogRecord): number => {
	const { writeSizeBytes } = flash.geometry;
	return Math.ceil((HEADER_BYTES + record.payload.length) / writeSizeBytes) * writeSizeBytes;
};

const encodeRecord = (record: LogRecord): Uint8Array => {
	const bytes = new Uint8Array(HEADER_BYTES + record.payload.length);
	const view = new DataView(bytes.buffer);
	view.setUint32(0, MAGIC, true);
	view.setUint32(4, record.sequence, true);
	view.setUint32(8, record.tag, true);
	view.setUint32(12, record.payload.length, true);
	bytes.set(record.payload, HEADER_BYTES);
	view.setUint32(16, crc32(record.payload, crc32(bytes.subarray(0, 16))), true);
	return bytes;
};

const readRecord = (flash: Flash, area: FlashArea): LogRecord | null => {
	if (area.sizeBytes < HEADER_BYTES) return null;
	const header = readWhole(flash, { offsetBytes: area.offsetBytes, sizeBytes: HEADER_BYTES });
	if (header === null) return null;
	const view = new DataView(header.buffer, header.byteOffset, header.length);
	const lengthBytes = view.getUint32(12, true);
	if (view.getUint32(0, true) !== MAGIC || lengthBytes > area.sizeBytes - HEADER_BYTES) return null;
	const payload =
		lengthBytes === 0 ? header.subarray(HEADER_BYTES) : readWhole(flash, { offsetBytes: area.offsetBytes + HEADER_BYTES, sizeBytes: lengthBytes });
	if (payload === null || crc32(payload, crc32(header.subarray(0, 16))) !== view.getUint32(16, true)) return null;
	return { sequence: view.getUint32(4, true), tag: view.getUint32(8, true), payload };
};
