import { encodeRanges, parseRanges } from '../text/index.js';
import { encodeCell, parseCell } from './cell.js';
import type { Reduction } from './reduction.js';
import { encodeRung, parseRung, type Rung } from './rung.js';

/**
 * A case: one line of text, safe in a shell, that replays one case of one scenario file.
 *
 * ```
 * packet-loss/5-percent-packet-loss:seed=7:devices=500[:image=FILE@DIGEST:key=FILE][:from=FILE@DIGEST]
 *     [:rig=FILE@DIGEST:board=NAME]
 *     [:time=real:speed=10:transport=tcp[:broker=mosquitto|URL][:mqtt=5][:loss=real][:faults=device]]
 *     [:keep-devices=RANGES][:keep-faults=RANGES][:keep-waves=COUNT][:cell=INDEX/COUNT]
 * ```
 *
 * Before the last `/` stands the scenario's name or the path of its file, after it the title's slug, or as much of its
 * beginning as no other case shares. Paths are percent-encoded, as they were typed; a digest is the first 12 hex digits
 * of the file's SHA-256, of a rig file with its board types. What begins with `keep-` takes parts of the case away, all but those named: ranges like `1-3,7` are
 * places in the order in which devices join their world and faults are asked for (armed, or a wrong release, a rotation of keys, a controller's
 * kill, an abort), from 1; `none` stands for no fault at all. `cell=0/3` takes the
 * devices alone that fall into the first of three cells.
 */
export interface CaseText {
	/** Name of a catalogue scenario, or path of a user's file. */
	readonly file: string;
	readonly slug: string;
	readonly seed: string;
	readonly devices: number;
	readonly image?: FileReference;
	readonly from?: FileReference;
	readonly key?: string;
	/** What it ran on, where that was a board of a rig. */
	readonly rig?: FileReference;
	readonly board?: string;
	/** How real the run was; absent where time was virtual and links in memory. */
	readonly rung?: Rung;
	/** Parts that are taken away; absent where the case is whole. */
	readonly reduction?: Reduction;
}

export interface FileReference {
	readonly path: string;
	/** First 12 hex digits of the SHA-256. */
	readonly digest: string;
}

export const CASE_EXAMPLE = 'packet-loss/5-percent-packet-loss:seed=7:devices=500';

export const encodeCase = ({ file, slug, seed, devices, image, from, key, rig, board, rung, reduction = {} }: CaseText): string =>
	[
		`${encodePath(file)}/${slug}`,
		`seed=${seed}`,
		`devices=${devices}`,
		...(image ? [`image=${encodeReference(image)}`] : []),
		...(from ? [`from=${encodeReference(from)}`] : []),
		...(key === undefined ? [] : [`key=${encodePath(key)}`]),
		...(rig ? [`rig=${encodeReference(rig)}`] : []),
		...(board === undefined ? [] : [`board=${board}`]),
		...(rung ? encodeRung(rung) : []),
		...encodeReduction(reduction),
	].join(':');

/** Throws a TypeError that says which part of the text is no case and shows one that is. */
export const parseCase = (text: string): CaseText => {
	const [place = '', ...fields] = text.split(':');
	const slash = place.lastIndexOf('/');
	const slug = place.slice(slash + 1);
	if (slash < 1 || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(slug)) throw refuse(text, 'it should begin with scenario/title');
	const values = new Map<string, string>();
	for (const field of fields) {
		const [, name, value] =
			/^(seed|devices|image|from|key|rig|board|time|speed|transport|broker|mqtt|loss|faults|keep-devices|keep-faults|keep-waves|cell)=(.+)$/.exec(field) ?? [];
		if (name === undefined || value === undefined || values.has(name)) throw refuse(text, `'${field}' is no part of a case, or stands there twice`);
		values.set(name, value);
	}
	const seed = values.get('seed') ?? '';
	const devices = values.get('devices') ?? '';
	if (!/^\d{1,16}$/.test(seed)) throw refuse(text, 'seed= should hold a whole number');
	if (!/^[1-9]\d{0,6}$/.test(devices)) throw refuse(text, 'devices= should hold a whole number from 1');
	const image = values.get('image');
	const from = values.get('from');
	const key = values.get('key');
	const rig = values.get('rig');
	const board = values.get('board');
	if ((rig === undefined) !== (board === undefined)) throw refuse(text, 'rig= and board= go together');
	if (board !== undefined && !/^[a-z0-9][a-z0-9-]{0,39}$/.test(board)) throw refuse(text, 'board= should hold the name of a board');
	const rung = readRung(values, text);
	const reduction = parseReduction(values, text);
	return {
		file: decodePath(place.slice(0, slash), text),
		slug,
		seed,
		devices: Number(devices),
		...(image === undefined ? {} : { image: parseReference(image, text) }),
		...(from === undefined ? {} : { from: parseReference(from, text) }),
		...(key === undefined ? {} : { key: decodePath(key, text) }),
		...(rig === undefined ? {} : { rig: parseReference(rig, text) }),
		...(board === undefined ? {} : { board }),
		...(rung ? { rung } : {}),
		...(Object.keys(reduction).length === 0 ? {} : { reduction }),
	};
};

/** A reduction as parts of a case: `keep-devices=3`, `keep-faults=none`, `keep-waves=1`. */
export const encodeReduction = ({ devices, faults, waves, cell }: Reduction): readonly string[] => [
	...(devices === undefined ? [] : [`keep-devices=${encodeRanges(devices)}`]),
	...(faults === undefined ? [] : [`keep-faults=${encodeRanges(faults)}`]),
	...(waves === undefined ? [] : [`keep-waves=${waves}`]),
	...(cell === undefined ? [] : [`cell=${encodeCell(cell)}`]),
];

const MOST_PARTS = 1_000_000;

const parseReduction = (values: ReadonlyMap<string, string>, whole: string): Reduction => {
	const ranges = (name: string): readonly number[] | undefined => {
		const text = values.get(name);
		try {
			return text === undefined ? undefined : parseRanges(text, { most: MOST_PARTS });
		} catch (cause) {
			throw refuse(whole, `${name}=: ${(cause as Error).message}`, cause);
		}
	};
	const devices = ranges('keep-devices');
	const faults = ranges('keep-faults');
	const waves = values.get('keep-waves');
	if (devices?.length === 0) throw refuse(whole, 'keep-devices= should hold one device at least');
	if (waves !== undefined && !/^[1-9]\d{0,5}$/.test(waves)) throw refuse(whole, 'keep-waves= should hold a whole number from 1');
	return {
		...(devices ? { devices } : {}),
		...(faults ? { faults } : {}),
		...(waves === undefined ? {} : { waves: Number(waves) }),
		...readCell(values.get('cell'), whole),
	};
};

const readRung = (values: ReadonlyMap<string, string>, whole: string): Rung | undefined => {
	try {
		return parseRung(values);
	} catch (cause) {
		throw refuse(whole, (cause as Error).message, cause);
	}
};

const readCell = (text: string | undefined, whole: string): Pick<Reduction, 'cell'> => {
	try {
		return text === undefined ? {} : { cell: parseCell(text) };
	} catch (cause) {
		throw refuse(whole, `cell=: ${(cause as Error).message}`, cause);
	}
};

/** Titles as they stand in cases: small letters, digits and hyphens; a number is added where two come out the same. */
export const titleSlugs = (titles: readonly string[]): readonly string[] => {
	const taken = new Set<string>();
	return titles.map((title) => {
		const words = title
			.normalize('NFKD')
			.replaceAll(/\p{M}/gu, '')
			.replaceAll('%', ' percent ')
			.toLowerCase()
			.match(/[a-z0-9]+/g);
		const base = words?.join('-').slice(0, 100).replace(/-$/, '') ?? 'case';
		let slug = base;
		for (let copy = 2; taken.has(slug); copy++) slug = `${base}-${copy}`;
		taken.add(slug);
		return slug;
	});
};

const encodePath = (path: string): string =>
	encodeURIComponent(path)
		.replaceAll('%2F', '/')
		.replaceAll(/[!'()*~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

const decodePath = (text: string, whole: string): string => {
	try {
		return decodeURIComponent(text);
	} catch (cause) {
		throw refuse(whole, `'${text}' is not percent-encoded text`, cause);
	}
};

const encodeReference = ({ path, digest }: FileReference): string => `${encodePath(path)}@${digest.slice(0, 12)}`;

const parseReference = (text: string, whole: string): FileReference => {
	const at = text.lastIndexOf('@');
	const digest = text.slice(at + 1);
	if (at < 1 || !/^[0-9a-f]{12}$/.test(digest)) throw refuse(whole, `'${text}' should be FILE@ and 12 hex digits`);
	return { path: decodePath(text.slice(0, at), whole), digest };
};

const refuse = (text: string, why: string, cause?: unknown): TypeError =>
	new TypeError(`a case like ${CASE_EXAMPLE} was expected, got '${text.slice(0, 200)}': ${why}`, { cause });
