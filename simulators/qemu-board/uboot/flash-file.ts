import { closeSync, existsSync, ftruncateSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import type { HexRun } from '../../board/intel-hex.js';

/** Both flash parts of `-M virt`. */
const PART_BYTES = 64 << 20;
const CHUNK_BYTES = 1 << 20;

/** Makes the file of a flash part where there is none: `runs`, all else that byte. Whole, or not at all. */
export const manufacturePart = (path: string, { runs, fill }: { readonly runs: readonly HexRun[]; readonly fill: 0x00 | 0xff }): void => {
	if (existsSync(path)) return;
	const draft = `${path}.${process.pid}`;
	const file = openSync(draft, 'w');
	try {
		// Zeros need not be written.
		if (fill === 0x00) ftruncateSync(file, PART_BYTES);
		else for (let at = 0; at < PART_BYTES; at += CHUNK_BYTES) writeSync(file, Buffer.alloc(CHUNK_BYTES, fill), 0, CHUNK_BYTES, at);
		for (const { bytes, offsetBytes } of runs) writeSync(file, bytes, 0, bytes.length, offsetBytes);
	} finally {
		closeSync(file);
	}
	renameSync(draft, path);
};

/** Writes a run into a part that is there. */
export const patchPart = (path: string, { offsetBytes, bytes }: HexRun): void => {
	const file = openSync(path, 'r+');
	try {
		writeSync(file, bytes, 0, bytes.length, offsetBytes);
	} finally {
		closeSync(file);
	}
};

export const readPart = (path: string, { offsetBytes, sizeBytes }: { readonly offsetBytes: number; readonly sizeBytes: number }): Uint8Array => {
	const file = openSync(path, 'r');
	try {
		const bytes = new Uint8Array(sizeBytes);
		readSync(file, bytes, 0, sizeBytes, offsetBytes);
		return bytes;
	} finally {
		closeSync(file);
	}
};
