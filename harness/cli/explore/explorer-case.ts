import { type CaseStep, encodeSteps, parseSteps, TEAR_LEVELS, type TearLevel } from '../../explorer/index.js';
import type { FileReference } from '../../scenario/index.js';
import { nearestNames } from '../run/nearest-names.js';
import { UsageError } from '../usage-error.js';
import { BOARD_NAMES, type BoardTarget, findBoard, nameOfBoard } from './board-target.js';
import { BOOTLOADERS, type ExplorableBootloader } from './bootloaders.js';
import { encodeRuns, parseRuns } from './sector-runs.js';
import { MOST_TEAR_SEEDS, TEAR_SEEDS } from './tear-seeds.js';
import { IMAGE_SHAPES, type ImageShape, type Part } from './build-subject.js';

/**
 * What replays one way through a bootloader: one line of text, safe in a shell.
 *
 * ```
 * explore/ab:sectors=16:sector-size=4096:write-size=8:images=old-fills:tears=L1:cycles=unlimited:steps=erase,write-1,trial,reset,boot@1.half.0,boot
 * explore/esp-otadata:sectors=4:sector-size=4096:more-sectors=2x8192:write-size=8:write-once=yes:images=…
 * explore/avr-board:tears=L1:cycles=1:steps=…
 * explore/module:module=boot.wasm@00112233aabb:layout=layout.yaml@…:from=v1.bin@…:to=v2.bin@…:tears=L0:cycles=unlimited:steps=…
 * ```
 *
 * A file stands there with the first 12 hex digits of its SHA-256; `from=` and `to=` are images, in place of `images=`.
 */
export type ExplorerCase = ExplorerTarget & { readonly steps: readonly CaseStep[] };

/** What is walked, as it was asked for. */
export type ExplorerTarget = (NamedTarget | ModuleTarget | BoardTarget) & {
	readonly tears: TearLevel;
	/** Drawn tears of each kind for each operation. */
	readonly seeds: number;
	readonly cycles: 1 | 'unlimited';
};

/** A bootloader that is known by name. */
export interface NamedTarget {
	readonly bootloader: ExplorableBootloader;
	readonly part: Part;
	readonly images: ImageShape | ImageFiles;
}

/** The user's own, compiled to WebAssembly. */
export interface ModuleTarget {
	readonly module: FileReference;
	readonly layout: FileReference;
	readonly images: ImageFiles;
}

export interface ImageFiles {
	readonly from: FileReference;
	readonly to: FileReference;
}

export const EXPLORER_CASE_PREFIX = 'explore/';

const MODULE_NAME = 'module';

export const encodeExplorerCase = (one: ExplorerCase): string =>
	[
		...encodeTarget(one),
		...('board' in one ? [] : encodeImages(one.images)),
		`tears=${one.tears}`,
		...(one.seeds === TEAR_SEEDS ? [] : [`seeds=${one.seeds}`]),
		`cycles=${one.cycles}`,
		`steps=${encodeSteps(one.steps)}`,
	].join(':');

const encodeImages = (images: ImageShape | ImageFiles): readonly string[] =>
	typeof images === 'string' ? [`images=${images}`] : [`from=${encodeFile(images.from)}`, `to=${encodeFile(images.to)}`];

const encodeTarget = (one: ExplorerTarget): readonly string[] => {
	if ('board' in one) return [`${EXPLORER_CASE_PREFIX}${nameOfBoard(one)}`];
	if ('module' in one) return [`${EXPLORER_CASE_PREFIX}${MODULE_NAME}`, `module=${encodeFile(one.module)}`, `layout=${encodeFile(one.layout)}`];
	const { sectors, sectorSizeBytes, moreSectors = [], writeSizeBytes, writeOnce } = one.part;
	return [
		`${EXPLORER_CASE_PREFIX}${one.bootloader.name}`,
		`sectors=${sectors}`,
		`sector-size=${sectorSizeBytes}`,
		...(moreSectors.length === 0 ? [] : [`more-sectors=${encodeRuns(moreSectors)}`]),
		`write-size=${writeSizeBytes}`,
		...(writeOnce ? ['write-once=yes'] : []),
	];
};

const FIELDS = [
	...['module', 'layout', 'sectors', 'sector-size', 'more-sectors', 'write-size', 'write-once'],
	...['images', 'from', 'to', 'tears', 'seeds', 'cycles', 'steps'],
];

/** Throws a UsageError that says which part of the text is no case. */
export const parseExplorerCase = (text: string): ExplorerCase => {
	const [place = '', ...fields] = text.split(':');
	const values = new Map<string, string>();
	for (const field of fields) {
		const [, name = '', value = ''] = /^([a-z-]+)=(.+)$/.exec(field) ?? [];
		if (!FIELDS.includes(name) || values.has(name)) throw new UsageError(`case: '${field}' is no part of an explorer's case, or stands there twice`);
		values.set(name, value);
	}
	const wanted = (name: string): string => {
		const value = values.get(name);
		if (value === undefined) throw new UsageError(`case: ${name}= was expected, it is not there`);
		return value;
	};
	const tears = wanted('tears') as TearLevel;
	if (!TEAR_LEVELS.includes(tears)) throw new UsageError(`case: tears= one of ${TEAR_LEVELS.join(', ')} was expected, got '${tears}'`);
	const cycles = wanted('cycles');
	if (cycles !== '1' && cycles !== 'unlimited') throw new UsageError(`case: cycles=1 or cycles=unlimited was expected, got '${cycles}'`);
	const seeds = values.has('seeds') ? wholeOf(wanted('seeds'), 'seeds') : TEAR_SEEDS;
	if (seeds > MOST_TEAR_SEEDS) throw new UsageError(`case: seeds= at most ${MOST_TEAR_SEEDS} were expected, got ${seeds}`);
	const common = { tears, seeds, cycles: cycles === '1' ? 1 : cycles, steps: readSteps(wanted('steps')) } as const;
	const files = (): ImageFiles => ({ from: parseFile(wanted('from')), to: parseFile(wanted('to')) });
	const name = place.slice(EXPLORER_CASE_PREFIX.length);
	if (name === MODULE_NAME) return { ...common, module: parseFile(wanted('module')), layout: parseFile(wanted('layout')), images: files() };
	const board = findBoard(name);
	if (board !== null) return { ...common, ...board };
	return {
		...common,
		bootloader: findBootloader(name, 'case'),
		part: {
			sectors: wholeOf(wanted('sectors'), 'sectors'),
			sectorSizeBytes: wholeOf(wanted('sector-size'), 'sector-size'),
			...(values.has('more-sectors') ? { moreSectors: parseRuns(wanted('more-sectors'), 'case: more-sectors=') } : {}),
			writeSizeBytes: wholeOf(wanted('write-size'), 'write-size'),
			...(values.has('write-once') ? { writeOnce: yesOf(wanted('write-once'), 'write-once') } : {}),
		},
		images: values.has('from') ? files() : parseShape(wanted('images')),
	};
};

/** Throws a UsageError that begins with `where` and offers the nearest names. */
export const findBootloader = (name: string, where: string): ExplorableBootloader => {
	const found = BOOTLOADERS.find((bootloader) => bootloader.name === name);
	if (found) return found;
	const names = [...BOOTLOADERS.map((bootloader) => bootloader.name), ...BOARD_NAMES];
	const near = nearestNames(name, names);
	throw new UsageError(`${where}: one of ${names.join(', ')} was expected, got '${name}'${near.length > 0 ? `; did you mean ${near.join(', ')}?` : ''}`);
};

const readSteps = (text: string): readonly CaseStep[] => {
	try {
		return parseSteps(text);
	} catch (cause) {
		throw new UsageError(`case: ${(cause as Error).message}`, { cause });
	}
};

const parseShape = (text: string): ImageShape => {
	if (IMAGE_SHAPES.includes(text as ImageShape)) return text as ImageShape;
	throw new UsageError(`case: images= one of ${IMAGE_SHAPES.join(', ')} was expected, got '${text}'`);
};

const wholeOf = (text: string, name: string): number => {
	if (!/^[1-9]\d{0,7}$/.test(text)) throw new UsageError(`case: ${name}= should hold a whole number from 1, got '${text}'`);
	return Number(text);
};

const yesOf = (text: string, name: string): true => {
	if (text !== 'yes') throw new UsageError(`case: ${name}=yes was expected, got '${text}'`);
	return true;
};

const encodeFile = ({ path, digest }: FileReference): string => `${encodeURIComponent(path).replaceAll('%2F', '/')}@${digest.slice(0, 12)}`;

const parseFile = (text: string): FileReference => {
	const [, path, digest] = /^(.+)@([0-9a-f]{12})$/.exec(text) ?? [];
	if (path === undefined || digest === undefined) throw new UsageError(`case: '${text}' should be FILE@ and 12 hex digits`);
	return { path: decodeURIComponent(path), digest };
};
