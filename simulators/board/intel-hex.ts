import { readFileSync } from 'node:fs';

/** One run of bytes of an Intel HEX file, as addresses give it. */
export interface HexRun {
	readonly offsetBytes: number;
	readonly bytes: Uint8Array;
}

const DATA = 0;
const END = 1;
/** Segment and linear start addresses: of no use to who writes flash. */
const STARTS = [3, 5];

/**
 * Reads Intel HEX with addresses of 16 bits. Throws a SyntaxError that names the line.
 *
 * | `:` | count | address | kind | data | checksum |
 * |---|---|---|---|---|---|
 * | | 1 byte | 2, big endian | 1 | count | 1: all bytes add up to 0 modulo 256 |
 */
export const parseIntelHex = (text: string): readonly HexRun[] => {
	const runs: HexRun[] = [];
	let hasEnded = false;
	for (const [index, line] of text.trimEnd().split(/\r?\n/).entries()) {
		const fail = (expectation: string): never => {
			throw new SyntaxError(`line ${index + 1}: ${expectation} was expected, got ${JSON.stringify(line.slice(0, 60))}`);
		};
		if (hasEnded) fail('nothing behind the end record');
		if (!/^:(?:[0-9a-fA-F]{2}){5,}$/.test(line)) fail('a colon and pairs of hex digits');
		const bytes = Uint8Array.from(Buffer.from(line.slice(1), 'hex'));
		const [count, high, low, kind] = bytes as unknown as [number, number, number, number];
		if (bytes.length !== count + 5) fail(`a record of ${count} bytes`);
		if (bytes.reduce((sum, byte) => sum + byte, 0) % 256 !== 0) fail('a checksum that holds');
		if (kind === DATA) runs.push({ offsetBytes: (high << 8) | low, bytes: bytes.subarray(4, -1) });
		else if (kind === END) hasEnded = true;
		else if (!STARTS.includes(kind)) fail('a record of kind 0 or 1');
	}
	if (!hasEnded) throw new SyntaxError('an end record was expected, got the end of the file');
	return runs;
};

/** A memory of that size with the runs in it, all else erased. Throws a RangeError for a run outside. */
export const placeRuns = (runs: readonly HexRun[], { sizeBytes }: { readonly sizeBytes: number }): Uint8Array<ArrayBuffer> => {
	const memory = new Uint8Array(sizeBytes).fill(0xff);
	for (const { offsetBytes, bytes } of runs) {
		if (offsetBytes + bytes.length > sizeBytes) throw new RangeError(`offsetBytes: at most ${sizeBytes - bytes.length} was expected, got ${offsetBytes}`);
		memory.set(bytes, offsetBytes);
	}
	return memory;
};

/** Throws as `parseIntelHex` does, and as the file system. */
export const readHexFile = (file: URL): readonly HexRun[] => parseIntelHex(readFileSync(file, 'utf8'));

/** From an address on to the end of the last run; what lies between runs is zero. */
export const joinRuns = (runs: readonly HexRun[], { fromBytes }: { readonly fromBytes: number }): Uint8Array => {
	const joined = new Uint8Array(Math.max(...runs.map((run) => run.offsetBytes - fromBytes + run.bytes.length)));
	for (const run of runs) joined.set(run.bytes, run.offsetBytes - fromBytes);
	return joined;
};
