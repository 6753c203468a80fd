import { measureWidth, padWidth } from '../text/index.js';

/** Rows as aligned lines: the first column on the left, the others on the right, two blanks between. */
export const alignRows = (rows: readonly (readonly string[])[]): string[] => {
	const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => measureWidth(row[column] ?? ''))));
	return rows.map((row) =>
		row
			.map((cell, column) => padWidth(cell, widths[column] ?? 0, { align: column === 0 ? 'left' : 'right' }))
			.join('  ')
			.trimEnd(),
	);
};
