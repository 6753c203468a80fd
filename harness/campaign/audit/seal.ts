import type { TrailHead } from './entry.js';

/** What lies beside a trail, in `FILE.head`: how far the trail goes. */
export interface TrailSeal extends TrailHead {
	/**
	 * The seal before this one, while the trail is being replaced: whoever writes both files cannot change them at one instant,
	 * so the seal goes first and stands for either, and is written once more when the trail is in its place.
	 */
	readonly replaces?: TrailHead;
}

/**
 * A seal as the text of its file: one line of JSON, `{"entries":12,"hash":"…"}`, newline included.
 *
 * The chain alone shows a change in the middle, but not an end that was cut off: what is left is a whole chain. The seal
 * shows that. It is a checksum and not a signature: it protects a trail against damage, against tools that rewrite it and
 * against people who can change the trail alone, and against nobody who can write both files, as everything in them can be
 * computed anew. Who fears that keeps a copy of the seal (or of its one hash) where those people cannot write: a trail that
 * verifies against that copy is the one that was sealed.
 */
export const encodeSeal = ({ entries, hash, replaces }: TrailSeal): string =>
	`${JSON.stringify({ entries, hash, ...(replaces === undefined ? {} : { replaces: { entries: replaces.entries, hash: replaces.hash } }) })}\n`;

/** Throws a TypeError that shows the text unless it is a seal as `encodeSeal` writes it. */
export const parseSeal = (text: string): TrailSeal => {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		value = undefined;
	}
	const seal = value as TrailSeal;
	if (!isHead(value) || (seal.replaces !== undefined && !isHead(seal.replaces)) || encodeSeal(seal) !== text)
		throw new TypeError(`a seal was expected, {"entries":…,"hash":"…"} and a newline, got ${JSON.stringify(text.slice(0, 120))}`);
	return seal;
};

const isHead = (value: unknown): value is TrailHead => {
	if (typeof value !== 'object' || value === null) return false;
	const { entries, hash } = value as Partial<TrailHead>;
	return Number.isSafeInteger(entries) && (entries as number) >= 0 && typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash);
};
