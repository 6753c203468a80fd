import { scrubText } from '../text/index.js';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;', '\t': '&#9;' };

/**
 * Text between tags. Every `>` is escaped, so `]]>` cannot occur. The marker of attachments is broken up, as what devices
 * and users wrote must not attach files of the machine.
 */
export const encodeXmlText = (text: string): string => escapeMarkup(scrubText(text).replace(/\[\[(?=ATTACHMENT)/gi, '[ ['));

/** Lines that attach files, made by `formatAttachment`: the only text that keeps the marker. */
export const encodeAttachmentLines = (lines: readonly string[]): string => lines.map((line) => `\n${escapeMarkup(line)}`).join('');

const escapeMarkup = (text: string): string => text.replace(/[&<>]/g, (character) => ENTITIES[character] ?? character);

/** The text of a value in double quotes; line ends and tabs survive the reader's normalisation. */
export const encodeXmlAttribute = (text: string): string => scrubText(text).replace(/[&<>"\n\t]/g, (character) => ENTITIES[character] ?? character);

/** Attributes in the order given, each with a leading blank; undefined ones are left out. */
export const encodeXmlAttributes = (attributes: Readonly<Record<string, string | number | undefined>>): string =>
	Object.entries(attributes)
		.filter(([, value]) => value !== undefined)
		.map(([name, value]) => ` ${name}="${encodeXmlAttribute(String(value))}"`)
		.join('');

/** Seconds with a dot and three decimals. */
export const formatSeconds = (durationMs: number): string => (Math.max(0, Math.round(durationMs)) / 1000).toFixed(3);
