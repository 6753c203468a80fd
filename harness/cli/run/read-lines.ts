import { closeSync, openSync, readSync } from 'node:fs';
import { LineSplitter } from '../../events/index.js';

const CHUNK_BYTES = 1024 * 1024;

/** Whole lines of a log, some at a time; a last one that was never finished is left out. */
export function* readLines(path: string): Generator<readonly string[]> {
	const file = openSync(path, 'r');
	try {
		const splitter = new LineSplitter();
		const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
		for (let bytes = readSync(file, chunk); bytes > 0; bytes = readSync(file, chunk)) yield splitter.push(chunk.subarray(0, bytes));
	} finally {
		closeSync(file);
	}
}
