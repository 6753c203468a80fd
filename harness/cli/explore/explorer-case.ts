import { type CaseStep, encodeSteps, parseSteps, TEAR_LEVELS, type TearLevel } from '../../explorer/index.js';
import type { FileReference } from '../../scenario/index.js';
import { nearestNames } from '../run/nearest-names.js';
import { UsageError } from '../usage-error.js';
import { BOOTLOADERS, type ExplorableBootloader } from './bootloaders.js';
import { IMAGE_SHAPES, type ImageShape, type Part } from './build-subject.js';

/**
 * What replays one way through a bootloader: one line of text, safe in a shell.
 *
 * ```
 * explore/ab:sectors=16:sector-size=4096:write-size=8:images=old-fills:tears=L1:cycles=unlimited:steps=erase,write-1,trial,reset,boot@1.half.0,boot
 * ```
 *
 * `from=` and `to=` name image files and the first 12 hex digits of their SHA-256, in place of `images=`.
 */
export interface ExplorerCase {
	readonly bootloader: ExplorableBootloader;
	readonly part: Part;
	readonly images: ImageShape | { readonly from: FileReference; readonly to: FileReference };
	readonly tears: TearLevel;
	readonly cycles: 1 | 'unlimited';
	readonly steps: readonly CaseStep[];
}

export const EXPLORER_CASE_PREFIX = 'explore/';

export const encodeExplorerCase = (one: ExplorerCase): string => {
	const { sectors, sectorSizeBytes, writeSizeBytes } = one.part;
	const images = typeof one.images === 'string' ? [`images=${one.images}`] : [`from=${encodeFile(one.images.from)}`, `to=${encodeFile(one.images.to)}`];
	return [
		`${EXPLORER_CASE_PREFIX}${one.bootloader.name}`,
		`sectors=${sectors}`,
		`sector-size=${sectorSizeBytes}`,
		`write-size=${writeSizeBytes}`,
		...images,
		`tears=${one.tears}`,
		`cycles=${one.cycles}`,
		`steps=${encodeSteps(one.steps)}`,
	].join(':');
};

const FIELDS = ['sectors', 'sector-size', 'write-size', 'images', 'from', 'to', 'tears', 'cycles', 'steps'];

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
	return {
		bootloader: findBootloader(place.slice(EXPLORER_CASE_PREFIX.length), 'case'),
		part: {
			sectors: wholeOf(wanted('sectors'), 'sectors'),
			sectorSizeBytes: wholeOf(wanted('sector-size'), 'sector-size'),
			writeSizeBytes: wholeOf(wanted('write-size'), 'write-size'),
		},
		images: values.has('from') ? { from: parseFile(wanted('from')), to: parseFile(wanted('to')) } : parseShape(wanted('images')),
		tears,
		cycles: cycles === '1' ? 1 : 'unlimited',
		steps: readSteps(wanted('steps')),
	};
};

/** Throws a UsageError that begins with `where` and offers the nearest names. */
export const findBootloader = (name: string, where: string): ExplorableBootloader => {
	const found = BOOTLOADERS.find((bootloader) => bootloader.name === name);
	if (found) return found;
	const names = BOOTLOADERS.map((bootloader) => bootloader.name);
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

const encodeFile = ({ path, digest }: FileReference): string => `${encodeURIComponent(path).replaceAll('%2F', '/')}@${digest.slice(0, 12)}`;

const parseFile = (text: string): FileReference => {
	const [, path, digest] = /^(.+)@([0-9a-f]{12})$/.exec(text) ?? [];
	if (path === undefined || digest === undefined) throw new UsageError(`case: '${text}' should be FILE@ and 12 hex digits`);
	return { path: decodeURIComponent(path), digest };
};
