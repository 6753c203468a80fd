import { crc32 } from 'node:zlib';
import { type Flash, type FlashArea, readWhole } from '../../../harness/flash/index.js';

/** What is to be installed, and where. */
export interface UpdateJob {
	readonly job: string;
	/** SHA-256 of the bytes to install, hex. */
	readonly digest: string;
	readonly sizeBytes: number;
	readonly blockSizeBytes: number;
	readonly slot: 'a' | 'b';
	/** What else the agent has to know after a reset. */
	readonly facts?: Readonly<Record<string, string>>;
}

/**
 * | offset | size | field | little-endian |
 * | --- | --- | --- | --- |
 * | 0 | 4 | magic | `BSUJ` |
 * | 4 | 4 | length of the job | |
 * | 8 | 4 | CRC-32 | of bytes 0 to 7 and the job |
 * | 12 | | job | JSON |
 */
const FIXED_BYTES = 12;
const MAGIC = 0x4a555342;

/** Throws a RangeError on a job that is none. */
export const encodeJournalHeader = (job: UpdateJob): Uint8Array => {
	if (!(Number.isSafeInteger(job.sizeBytes) && job.sizeBytes > 0)) throw new RangeError(`sizeBytes: a whole number above 0 was expected, got ${job.sizeBytes}`);
	if (!(Number.isSafeInteger(job.blockSizeBytes) && job.blockSizeBytes > 0)) {
		throw new RangeError(`blockSizeBytes: a whole number above 0 was expected, got ${job.blockSizeBytes}`);
	}
	const text = jobText(job);
	const bytes = new Uint8Array(FIXED_BYTES + text.length);
	const view = new DataView(bytes.buffer);
	view.setUint32(0, MAGIC, true);
	view.setUint32(4, text.length, true);
	view.setUint32(8, crc32(text, crc32(bytes.subarray(0, 8))), true);
	bytes.set(text, FIXED_BYTES);
	return bytes;
};

/** The job at the start of an area, null where none is whole. */
export const parseJournalHeader = (flash: Flash, area: FlashArea): { readonly job: UpdateJob; readonly headerBytes: number } | null => {
	const fixed = readWhole(flash, { offsetBytes: area.offsetBytes, sizeBytes: FIXED_BYTES });
	if (fixed === null) return null;
	const view = new DataView(fixed.buffer, fixed.byteOffset, fixed.length);
	const lengthBytes = view.getUint32(4, true);
	if (view.getUint32(0, true) !== MAGIC || lengthBytes === 0 || lengthBytes > area.sizeBytes - FIXED_BYTES) return null;
	const text = readWhole(flash, { offsetBytes: area.offsetBytes + FIXED_BYTES, sizeBytes: lengthBytes });
	if (text === null || crc32(text, crc32(fixed.subarray(0, 8))) !== view.getUint32(8, true)) return null;
	return { job: JSON.parse(Buffer.from(text).toString()) as UpdateJob, headerBytes: FIXED_BYTES + lengthBytes };
};

const jobText = (job: UpdateJob): Uint8Array => {
	const { job: id, digest, sizeBytes, blockSizeBytes, slot, facts } = job;
	return Buffer.from(JSON.stringify({ job: id, digest, sizeBytes, blockSizeBytes, slot, ...(facts === undefined ? {} : { facts }) }));
};
