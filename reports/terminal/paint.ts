const CODES = { red: 31, green: 32, yellow: 33, blue: 34, bold: 1, dim: 2 } as const;

export type Paint = Readonly<Record<keyof typeof CODES, (text: string) => string>>;

/** Colours for text, or functions that leave it alone. Measure and pad before painting: codes have no width. */
export const createPaint = (colour: boolean): Paint => {
	const paintWith = (code: number) => (text: string) => (colour && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text);
	return Object.fromEntries(Object.entries(CODES).map(([name, code]) => [name, paintWith(code)])) as Paint;
};
