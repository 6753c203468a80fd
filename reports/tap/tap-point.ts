import { scrubLine, scrubText } from '../text/index.js';

/** One test point and its diagnostics, before encoding. */
export interface TapPointText {
	readonly ok: boolean;
	readonly number: number;
	readonly title: string;
	/** Makes the point a skip. */
	readonly skip?: string | undefined;
	readonly timeMs?: number | undefined;
	/** Keys in order; absent for none. Values are encoded as JSON strings, which are YAML as well. */
	readonly diagnostics?: Readonly<Record<string, string | undefined>>;
}

/**
 * Text of a description or reason: one line, with `\` and `#` escaped, which would begin a directive. A `{` at the end would
 * begin a subtest and cannot be escaped: an ellipsis follows it.
 */
export const escapeTapText = (text: string): string =>
	scrubLine(text)
		.replace(/[\\#]/g, (character) => `\\${character}`)
		.replace(/\{$/, '{…');

/** Lines of one test point, each with its end. */
export const encodePoint = ({ ok, number, title, skip, timeMs, diagnostics }: TapPointText): string => {
	const description = escapeTapText(title) || '(untitled)';
	const skipped = skip === undefined ? '' : ` # SKIP ${escapeTapText(skip)}`.trimEnd();
	const timed = skip !== undefined || timeMs === undefined ? '' : ` # time=${timeMs.toFixed(3)}ms`;
	const facts = Object.entries(diagnostics ?? {}).flatMap(([key, value]) => (value === undefined ? [] : [`  ${key}: ${encodeYamlString(value)}\n`]));
	const block = facts.length === 0 ? '' : `  ---\n${facts.join('')}  ...\n`;
	return `${ok ? 'ok' : 'not ok'} ${number} - ${description}${skipped}${timed}\n${block}`;
};

/** A JSON string is a YAML string. U+2028 and U+2029 are escaped as well: tap-parser's patterns take them for line ends. */
const encodeYamlString = (value: string): string =>
	JSON.stringify(scrubText(value)).replace(/[\u2028\u2029]/g, (separator) => `\\u${separator.charCodeAt(0).toString(16)}`);

/** How many points passed, failed and were skipped; a todo is no failure and counts as skipped. */
export const countPoints = (
	points: readonly { readonly ok: boolean; readonly directive?: 'skip' | 'todo' | undefined }[],
): { readonly passed: number; readonly failed: number; readonly skipped: number } => ({
	passed: points.filter(({ ok, directive }) => ok && directive === undefined).length,
	failed: points.filter(({ ok, directive }) => !ok && directive === undefined).length,
	skipped: points.filter(({ directive }) => directive !== undefined).length,
});
