import { existsSync } from 'node:fs';
import { type AuditEntry, parseEntry, type TrailVerdict, verifyTrail } from '../../campaign/audit/index.js';
import { readInput } from '../image/index.js';

/** A trail's text, and that of its seal: `FILE.head`, or another file where one is named. */
export const readTrailFile = (file: string, seal?: string): [text: string, seal: string | undefined] => {
	const sealFile = seal ?? `${file}.head`;
	return [decodeLines(readInput(file)), seal !== undefined || existsSync(sealFile) ? decodeLines(readInput(sealFile)) : undefined];
};

/** A trail with its verdict; its entries where it is good. */
export const readTrail = (file: string, seal?: string): { readonly verdict: TrailVerdict; readonly entries: readonly AuditEntry[] } => {
	const [text, sealText] = readTrailFile(file, seal);
	const verdict = verifyTrail(text, sealText);
	return { verdict, entries: verdict.ok ? text.split('\n').slice(0, -1).map(parseEntry) : [] };
};

/** What is wrong with a trail, as a person reads it. */
export const describeBroken = ({ line, problem, reason }: Extract<TrailVerdict, { ok: false }>): string =>
	`${line === undefined ? '' : `line ${line}: `}${problem}: ${reason}`;

/** Bytes that are no UTF-8 would all become one character, and pass for it: lines that hold any are taken byte by byte. */
const decodeLines = (bytes: Uint8Array): string => {
	const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
	const text = whole.toString('utf8');
	if (Buffer.from(text).equals(whole)) return text;
	const lines: string[] = [];
	for (let from = 0; from <= whole.length; ) {
		const end = whole.indexOf(0x0a, from);
		const line = whole.subarray(from, end < 0 ? whole.length : end);
		const decoded = line.toString('utf8');
		lines.push(Buffer.from(decoded).equals(line) ? decoded : line.toString('latin1'));
		if (end < 0) break;
		from = end + 1;
	}
	return lines.join('\n');
};
