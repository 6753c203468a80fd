import { createHash } from 'node:crypto';

/** What an entry says, before it has its place in a trail. */
export interface AuditFacts {
	/** Virtual milliseconds since the case's world opened. */
	readonly at: number;
	/** The scenario file, and the case in it. */
	readonly scenario: string;
	readonly title: string;
	/** Who decided or did it: `operator`, `controller`, `service`, `device`, `factory`, or the name that a campaign's plan gives. */
	readonly who: string;
	/** The decision or transition, in kebab case. */
	readonly what: string;
	readonly device?: string;
	/** Of the campaign plan's inventory, where a campaign says so. */
	readonly group?: string;
	readonly hardware?: string;
	readonly version?: string;
	/** SHA-256 of the image it is about, hex. */
	readonly digest?: string;
	readonly why: string;
}

/** One line of an audit trail. */
export interface AuditEntry extends AuditFacts {
	/** From 1, without a gap. */
	readonly sequence: number;
	/** The hash of the entry before; of the first one `FIRST_PREVIOUS`. */
	readonly previous: string;
	/** SHA-256 over the canonical encoding of all the rest, hex. */
	readonly hash: string;
}

/** How far a trail goes: all that the next entry and a seal need to know of it. */
export interface TrailHead {
	readonly entries: number;
	/** Of the last entry. */
	readonly hash: string;
}

/** What stands for the hash before the first entry. */
export const FIRST_PREVIOUS = '0'.repeat(64);

export const EMPTY_TRAIL: TrailHead = { entries: 0, hash: FIRST_PREVIOUS };

/**
 * Gives facts the next place in a trail, and encodes them as its line, newline included.
 *
 * Canonical encoding: one JSON object (RFC 8259) in UTF-8, without white space, its keys in the order `sequence`, `at`,
 * `scenario`, `title`, `who`, `what`, `device`, `group`, `hardware`, `version`, `digest`, `why`, `previous`; those that an entry does
 * not have are left out. Texts are escaped as JSON.stringify escapes them, numbers are whole and plain. The hash is SHA-256
 * over these bytes, and the line is the same object with `"hash"` as its last key. So any tool can check a line: take
 * `,"hash":"…"` out and hash what is left.
 *
 * Throws a TypeError for a fact that is no text, or a time that is no whole number of 0 or more.
 */
export const appendEntry = (head: TrailHead, facts: AuditFacts): { readonly line: string; readonly head: TrailHead } => {
	const sequence = head.entries + 1;
	const body = encodeBody({ ...facts, sequence, previous: head.hash });
	const hash = hashOf(body);
	return { line: `${sealBody(body, hash)}\n`, head: { entries: sequence, hash } };
};

/** The line of an entry as `appendEntry` writes it, without its newline. */
export const encodeEntry = (entry: AuditEntry): string => sealBody(encodeBody(entry), entry.hash);

/** What the hash of an entry should be. */
export const hashEntry = (entry: Omit<AuditEntry, 'hash'>): string => hashOf(encodeBody(entry));

/** Throws a TypeError that says what is wrong with a line that is not the canonical one of an entry; its hash is not looked at. */
export const parseEntry = (line: string): AuditEntry => {
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch (cause) {
		throw new TypeError(`an entry in JSON was expected, got ${shorten(line)}`, { cause });
	}
	if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError(`an entry was expected, got ${shorten(line)}`);
	const entry = value as AuditEntry;
	for (const key of ['previous', 'hash'] as const) {
		const given: unknown = entry[key];
		if (typeof given !== 'string' || !/^[0-9a-f]{64}$/.test(given)) throw new TypeError(`${key}: 64 hex digits were expected, got ${shorten(given)}`);
	}
	if (encodeEntry(entry) !== line) throw new TypeError('the canonical encoding was expected: its keys, their order or its spacing are others');
	return entry;
};

const encodeBody = (entry: Omit<AuditEntry, 'hash'>): string => {
	const { sequence, at, scenario, title, who, what, device, group, hardware, version, digest, why, previous } = entry;
	for (const [name, value] of Object.entries({ sequence, at }))
		if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`${name}: a whole number, 0 or more, was expected, got ${shorten(value)}`);
	for (const [name, value] of Object.entries({ scenario, title, who, what, why, previous }))
		if (typeof value !== 'string') throw new TypeError(`${name}: a text was expected, got ${shorten(value)}`);
	for (const [name, value] of Object.entries({ device, group, hardware, version, digest }))
		if (value !== undefined && typeof value !== 'string') throw new TypeError(`${name}: a text or nothing was expected, got ${shorten(value)}`);
	// Keys whose value is undefined are left out by JSON.stringify; the others keep this order.
	return JSON.stringify({ sequence, at, scenario, title, who, what, device, group, hardware, version, digest, why, previous });
};

const sealBody = (body: string, hash: string): string => `${body.slice(0, -1)},"hash":"${hash}"}`;

const hashOf = (body: string): string => createHash('sha256').update(body).digest('hex');

const shorten = (value: unknown): string => {
	const text = JSON.stringify(value) ?? String(value);
	return text.length > 80 ? `${text.slice(0, 79)}…` : text;
};
