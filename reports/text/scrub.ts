import { stripVTControlCharacters } from 'node:util';

/**
 * Bytes that no report may carry: C0 and C1 controls (tab and newline stay), lone surrogates, U+FFFE and U+FFFF.
 * XML 1.0 forbids most of them (2.2, production Char), terminals act on the others.
 */
const FORBIDDEN =
	// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is what this is for
	/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * Text that is safe in XML, TAP and on a terminal: escape sequences of terminals are removed, every other forbidden
 * character becomes U+FFFD, so that noise on a line stays visible as noise. Line ends become `\n`.
 */
export const scrubText = (text: string): string => stripVTControlCharacters(text).replace(/\r\n?/g, '\n').replace(FORBIDDEN, '\ufffd');

/** Like `scrubText`, on one line: runs of blanks and line ends become one space. */
export const scrubLine = (text: string): string => scrubText(text).replace(/\s+/g, ' ').trim();

/** The last `lines` lines, each cut to `widthChars`; a first line says what was left out. */
export const boundLines = (all: readonly string[], { lines, widthChars }: { readonly lines: number; readonly widthChars: number }): string[] => {
	const kept = all.slice(-lines).map((line) => (line.length > widthChars ? `${line.slice(0, widthChars)} ...` : line));
	const omitted = all.length - kept.length;
	return omitted > 0 ? [`(${omitted} earlier lines left out)`, ...kept] : kept;
};
