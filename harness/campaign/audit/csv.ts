import type { AuditEntry } from './entry.js';

const COLUMNS = ['sequence', 'at', 'scenario', 'title', 'who', 'what', 'device', 'group', 'hardware', 'version', 'digest', 'why', 'previous', 'hash'] as const;

/**
 * Entries as a table: CSV by RFC 4180, with a header line, CRLF, and quotes around what holds a comma, a quote or a line break.
 * A spreadsheet takes a text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a formula and would run what a
 * device put there: such a text begins with an apostrophe in the table, which spreadsheets show as text (OWASP, "CSV Injection").
 */
export function* encodeCsvLines(entries: Iterable<AuditEntry>): Generator<string> {
	yield `${COLUMNS.join(',')}\r\n`;
	for (const entry of entries) yield `${COLUMNS.map((column) => encodeField(entry[column])).join(',')}\r\n`;
}

const encodeField = (value: string | number | undefined): string => {
	if (value === undefined) return '';
	if (typeof value === 'number') return String(value);
	const text = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value;
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
