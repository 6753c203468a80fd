import test from 'ava';
import fc from 'fast-check';
import { boundLines, fitWidth, formatDuration, formatVirtualTime, measureWidth, padWidth, quoteForShell, scrubLine, scrubText, wrapWidth } from './index.js';

test('scrubbing removes escape sequences, marks other noise, and keeps tabs, line ends and astral characters', (t) => {
	t.is(scrubText('\u001b[31mred\u001b[0m \u0000\u0007\ufffe\ud800 \t\u{1f600}\r\nnext\rlast'), 'red \ufffd\ufffd\ufffd\ufffd \t\u{1f600}\nnext\nlast');
});

test('scrubbed text holds only characters of XML 1.0, no C1 controls, and is stable', (t) => {
	const property = fc.property(fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)), maxLength: 200 }), (text) => {
		const clean = scrubText(text);
		const isClean = [...clean].every((character) => {
			const code = character.codePointAt(0)!;
			return (
				code === 9 || code === 10 || (code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code < 0xd800) || (code >= 0xe000 && code < 0xfffe) || code > 0xffff
			);
		});
		return isClean && scrubText(clean) === clean;
	});
	t.notThrows(() => fc.assert(property, { seed: 7, numRuns: 500 }));
});

test('a scrubbed line has no line end and no double blank', (t) => {
	t.is(scrubLine('  a\r\n\t b  c '), 'a b c');
});

test('bounding keeps the last lines, cuts wide ones, and says what it left out', (t) => {
	t.deepEqual(boundLines(['a', 'b', 'cdef'], { lines: 2, widthChars: 3 }), ['(1 earlier lines left out)', 'b', 'cde ...']);
	t.deepEqual(boundLines(['a'], { lines: 2, widthChars: 3 }), ['a']);
});

test('durations and virtual times read as people write them', (t) => {
	t.deepEqual([0, 340, 1000, 59_949, 59_950, 245_000].map(formatDuration), ['0 ms', '340 ms', '1.0 s', '59.9 s', '1 min 00 s', '4 min 05 s']);
	t.deepEqual([0, 252_045, 360_000_000].map(formatVirtualTime), ['0:00:00.000', '0:04:12.045', '100:00:00.000']);
});

test('a shell gets a quoted word back unchanged', (t) => {
	t.is(quoteForShell("it's $HOME"), `'it'\\''s $HOME'`);
});

test('width counts wide characters twice and combining ones not at all', (t) => {
	t.is(measureWidth('a\u0301漢\u{1f600}'), 5);
	t.is(padWidth('漢', 4), '漢  ');
	t.is(padWidth('ab', 4, { align: 'right' }), '  ab');
});

test('text is cut to fit and lines break at blanks', (t) => {
	t.is(fitWidth('abcdef', 6), 'abcdef');
	t.is(fitWidth('abcdef', 4), 'abc…');
	t.is(fitWidth('漢漢漢', 4), '漢…');
	t.deepEqual(wrapWidth('aa bb cc dddddd', 5), ['aa bb', 'cc', 'dddddd']);
});

test('cut text is never wider than asked', (t) => {
	t.notThrows(() =>
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (text, columns) => measureWidth(fitWidth(text, columns)) <= columns),
			{ seed: 1 },
		),
	);
});
