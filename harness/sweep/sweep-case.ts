import type { UpdatePlace } from './profile.js';

/**
 * One cut of a sweep as a line of text, safe in a shell, that makes it again:
 *
 * ```
 * sweep/virtual-1:rig=rigs/virtual.yaml@1f2e3d4c5b6a:path=serial:phase=install:offset=412.5ms:seed=7
 * ```
 *
 * `rig`: the rig file as it was typed, percent-encoded, and the first 12 hex digits of its hash; `offset`: so long after the phase began.
 */
export interface SweepCase {
	readonly board: string;
	readonly rig: { readonly path: string; readonly digest: string };
	readonly path: string;
	readonly place: UpdatePlace;
	/** A whole number, as text. */
	readonly seed: string;
}

export const SWEEP_CASE_PREFIX = 'sweep/';
export const SWEEP_CASE_EXAMPLE = 'sweep/virtual-1:rig=rigs/virtual.yaml@1f2e3d4c5b6a:path=serial:phase=install:offset=412.5ms:seed=7';
const FIELDS = ['rig', 'path', 'phase', 'offset', 'seed'] as const;

export const encodeSweepCase = ({ board, rig, path, place, seed }: SweepCase): string =>
	`${SWEEP_CASE_PREFIX}${board}:rig=${encodePath(rig.path)}@${rig.digest.slice(0, 12)}:path=${path}:phase=${place.phase}:offset=${place.offsetMs}ms:seed=${seed}`;

/** Throws a TypeError that says what is no part of such a case, and shows one that is. */
export const parseSweepCase = (text: string): SweepCase => {
	const [head = '', ...fields] = text.split(':');
	const board = /^sweep\/([a-z0-9][a-z0-9-]{0,39})$/.exec(head)?.[1] ?? refuse(text, 'it should begin with sweep/BOARD');
	const values = new Map<string, string>();
	for (const field of fields) {
		const [, name, value] = /^([a-z]+)=(.+)$/.exec(field) ?? [];
		if (name === undefined || value === undefined || values.has(name) || !(FIELDS as readonly string[]).includes(name))
			return refuse(text, `'${field}' is no part of it, or stands there twice`);
		values.set(name, value);
	}
	const read = (name: (typeof FIELDS)[number], shape: RegExp, what: string): readonly string[] =>
		shape.exec(values.get(name) ?? '') ?? refuse(text, `${name}= should hold ${what}`);
	const [, rigPath = '', digest = ''] = read('rig', /^(.+)@([0-9a-f]{12})$/, 'FILE@ and 12 hex digits');
	const [path = ''] = read('path', /^(mqtt|serial|flasher)$/, 'mqtt, serial or flasher');
	const [phase = ''] = read('phase', /^[a-z0-9][a-z0-9-]{0,39}$/, 'the name of a phase');
	const [, offset = ''] = read('offset', /^(\d{1,9}(?:\.\d{1,3})?)ms$/, 'milliseconds (412.5ms)');
	const [seed = ''] = read('seed', /^\d{1,16}$/, 'a whole number');
	return { board, rig: { path: decodePath(rigPath, text), digest }, path, place: { phase, offsetMs: Number(offset) }, seed };
};

const encodePath = (path: string): string =>
	encodeURIComponent(path)
		.replaceAll('%2F', '/')
		.replaceAll(/[!'()*~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

const decodePath = (path: string, text: string): string => {
	try {
		return decodeURIComponent(path);
	} catch {
		return refuse(text, `'${path}' is not percent-encoded text`);
	}
};

const refuse = (text: string, why: string): never => {
	throw new TypeError(`a case like ${SWEEP_CASE_EXAMPLE} was expected, got '${text.slice(0, 200)}': ${why}`);
};
