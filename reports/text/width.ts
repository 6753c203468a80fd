const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const WIDE =
	/^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]$/u;

const measureCharacter = (character: string): number => {
	if (ZERO_WIDTH.test(character)) return 0;
	return WIDE.test(character) ? 2 : 1;
};

/** Columns that plain text takes on a terminal. */
export const measureWidth = (text: string): number => {
	let columns = 0;
	for (const character of text) columns += measureCharacter(character);
	return columns;
};

/** The text itself where it fits, else its head and an ellipsis, at most `columns` wide. */
export const fitWidth = (text: string, columns: number): string => {
	if (measureWidth(text) <= columns) return text;
	if (columns < 2) return '…'.slice(0, Math.max(0, columns));
	let head = '';
	let used = 1;
	for (const character of text) {
		used += measureCharacter(character);
		if (used > columns) break;
		head += character;
	}
	return `${head.trimEnd()}…`;
};

/** Fills with blanks on the right, or on the left with `align: 'right'`. */
export const padWidth = (text: string, columns: number, { align = 'left' }: { readonly align?: 'left' | 'right' } = {}): string => {
	const blanks = ' '.repeat(Math.max(0, columns - measureWidth(text)));
	return align === 'right' ? blanks + text : text + blanks;
};

/** Breaks one line at blanks into lines at most `columns` wide; a longer word is kept whole so that it can be copied. */
export const wrapWidth = (text: string, columns: number): string[] => {
	const lines: string[] = [];
	let line = '';
	for (const word of text.split(' ')) {
		if (line !== '' && measureWidth(line) + 1 + measureWidth(word) > columns) {
			lines.push(line);
			line = word;
		} else line = line === '' ? word : `${line} ${word}`;
	}
	lines.push(line);
	return lines;
};
