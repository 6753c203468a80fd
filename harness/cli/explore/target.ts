import type { Subject } from '../../explorer/index.js';
import { buildBoardSubject, nameOfBoard } from './board-target.js';
import type { ExplorerTarget, NamedTarget } from './explorer-case.js';
import type { FileReference } from '../../scenario/index.js';
import { assertSameFile } from './input-file.js';
import type { Part } from './build-subject.js';
import { buildModuleSubject } from './module-target.js';
import { encodeRuns } from './sector-runs.js';
import { trySubject } from './try-subject.js';
import { readUserPair } from './user-pair.js';

/** What is to be walked, with the files that it names read again: whoever has the target has the walk. */
export const buildTarget = (target: ExplorerTarget, options: { readonly directory: string }): Subject => {
	if ('board' in target) return buildBoardSubject(target);
	if ('module' in target) return buildModuleSubject(target, options);
	return trySubject(target.bootloader, { part: target.part, images: imagesOf(target, options) });
};

export const nameOfTarget = (target: ExplorerTarget): string => {
	if ('board' in target) return nameOfBoard(target);
	return 'module' in target ? target.module.path : target.bootloader.name;
};

/** The part that it is walked on, in words. */
export const partOfTarget = (target: ExplorerTarget): string => {
	if ('board' in target) return 'machine code of an ATmega328P, slots of 3 pages of 128 bytes, records in EEPROM';
	if ('module' in target) return `layout ${target.layout.path}`;
	return sayPart(target.part);
};

/** `4 sectors of 4096 and 2 of 8192 bytes, written once`. */
export const sayPart = ({ sectors, sectorSizeBytes, moreSectors = [], writeOnce }: Part): string => {
	const more = moreSectors.map(({ count, sizeBytes }) => ` and ${count} of ${sizeBytes}`).join('');
	return `${sectors} ${sectors === 1 ? 'sector' : 'sectors'} of ${sectorSizeBytes}${more} bytes${writeOnce ? ', written once' : ''}`;
};

/** For the record of a run. */
export const optionsOfTarget = (target: ExplorerTarget): Readonly<Record<string, unknown>> => {
	if ('board' in target) return { bootloader: nameOfBoard(target) };
	if ('module' in target) return { module: sayFile(target.module), layout: sayFile(target.layout), ...sayImages(target.images) };
	const { moreSectors = [], ...part } = target.part;
	return {
		bootloader: target.bootloader.name,
		...part,
		...(moreSectors.length > 0 ? { moreSectors: encodeRuns(moreSectors) } : {}),
		...sayImages(target.images),
	};
};

const sayFile = ({ path, digest }: FileReference): string => `${path}@${digest}`;

const sayImages = (images: NamedTarget['images']): Readonly<Record<string, string>> =>
	typeof images === 'string' ? { images } : { from: sayFile(images.from), to: sayFile(images.to) };

const imagesOf = ({ images }: NamedTarget, { directory }: { readonly directory: string }) => {
	if (typeof images === 'string') return images;
	const pair = readUserPair({ from: images.from.path, to: images.to.path }, { directory });
	for (const flag of ['from', 'to'] as const) {
		if (pair !== null) assertSameFile(pair[flag], { flag, wanted: images[flag] });
	}
	return pair?.bytes ?? [];
};
