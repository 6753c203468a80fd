import test from 'ava';
import { encodeCsvLines } from './csv.js';
import type { AuditEntry } from './entry.js';

const encodeCsv = (entries: readonly AuditEntry[]): string => [...encodeCsvLines(entries)].join('');

const entry = (why: string): AuditEntry => ({
	sequence: 1,
	at: 5,
	scenario: 's',
	title: 't',
	who: 'device',
	what: 'refused',
	device: 'd-0',
	why,
	previous: '0'.repeat(64),
	hash: 'f'.repeat(64),
});

/** Reads CSV by RFC 4180. */
const parseCsv = (text: string): readonly (readonly string[])[] => {
	const rows: string[][] = [[]];
	for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
		rows.at(-1)?.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
		if (end === '\r\n') rows.push([]);
	}
	rows.pop();
	return rows;
};

test('no entries are a table of nothing but its header', (t) => {
	t.is(encodeCsv([]), 'sequence,at,scenario,title,who,what,device,group,hardware,version,digest,why,previous,hash\r\n');
});

test('a fact that an entry does not have is an empty field', (t) => {
	t.is(encodeCsv([entry('plain')]).split('\r\n')[1], `1,5,s,t,device,refused,d-0,,,,,plain,${'0'.repeat(64)},${'f'.repeat(64)}`);
});

for (const why of ['a,b', 'say "no"', 'two\nlines', 'two\r\nlines', ',', '"', '""', '', ' spaces ', 'ünï“code”', 'a=b']) {
	test(`a text comes back as it was: ${JSON.stringify(why)}`, (t) => {
		const [header = [], row = []] = parseCsv(encodeCsv([entry(why)]));
		t.is(row.length, header.length);
		t.is(row[header.indexOf('why')], why);
	});
}

for (const why of ['=HYPERLINK("http://x","y")', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '=1,2']) {
	test(`a text that a spreadsheet would run begins with an apostrophe: ${JSON.stringify(why)}`, (t) => {
		const [header = [], row = []] = parseCsv(encodeCsv([entry(why)]));
		t.is(row[header.indexOf('why')], `'${why}`);
	});
}
