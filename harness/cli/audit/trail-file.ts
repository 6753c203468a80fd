import { isUtf8 } from 'node:buffer';
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { type AuditEntry, parseEntry, type TrailLines, type TrailVerdict, verifyTrail } from '../../campaign/audit/index.js';
import { readInput } from '../image/index.js';

const CHUNK_BYTES = 1 << 20;
/** No entry is so long: what is goes on as if it ended there. */
const LONGEST_LINE_BYTES = 1 << 26;

/** A trail's lines, and the text of its seal: `FILE.head`, or another file where one is named. Throws a UsageError for what cannot be read. */
export const readTrailFile = (file: string, seal?: string): [lines: TrailLines, seal: string | undefined] => {
	const sealFile = seal ?? `${file}.head`;
	return [openLines(file), seal !== undefined || existsSync(sealFile) ? decode(readInput(sealFile)) : undefined];
};

/** A trail with its verdict, and its entries, which are read from the file each time they are gone through: of a trail that is good. */
export const readTrail = (file: string, seal?: string): { readonly verdict: TrailVerdict; readonly entries: Iterable<AuditEntry> } => {
	const [lines, sealText] = readTrailFile(file, seal);
	const entries = {
		*[Symbol.iterator]() {
			for (const line of lines()) yield parseEntry(line.slice(0, -1));
		},
	};
	return { verdict: verifyTrail(lines, sealText), entries };
};

/** What is wrong with a trail, as a person reads it. */
export const describeBroken = ({ line, problem, reason }: Extract<TrailVerdict, { ok: false }>): string =>
	`${line === undefined ? '' : `line ${line}: `}${problem}: ${reason}`;

/** A file is read piece by piece, however large it is; what can be read but once, a pipe, is kept. */
const openLines = (file: string): TrailLines => {
	if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) return () => splitLines(readChunks(file));
	const bytes = readInput(file);
	return () => splitLines([bytes]);
};

function* readChunks(file: string): Generator<Uint8Array> {
	const descriptor = openSync(file, 'r');
	try {
		for (;;) {
			const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
			const bytes = readSync(descriptor, chunk);
			if (bytes === 0) return;
			yield chunk.subarray(0, bytes);
		}
	} finally {
		closeSync(descriptor);
	}
}

/** Each with its newline; the last may have none, nor has one that is too long. */
function* splitLines(chunks: Iterable<Uint8Array>): Generator<string> {
	let rest: Uint8Array[] = [];
	let restBytes = 0;
	for (const chunk of chunks) {
		let from = 0;
		for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
			yield decode(Buffer.concat([...rest, chunk.subarray(from, end + 1)]));
			rest = [];
			restBytes = 0;
			from = end + 1;
		}
		if (from === chunk.length) continue;
		rest.push(chunk.subarray(from));
		restBytes += chunk.length - from;
		if (restBytes > LONGEST_LINE_BYTES) break;
	}
	if (restBytes > 0) yield decode(Buffer.concat(rest));
}

const NEWLINE = 0x0a;

/** Bytes that are no UTF-8 would all become one character, and pass for it: a line that holds any is taken byte by byte. */
const decode = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(isUtf8(bytes) ? 'utf8' : 'latin1');
