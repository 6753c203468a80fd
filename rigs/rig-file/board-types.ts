import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspectYaml } from '../../harness/text/yaml/index.js';
import { type BoardType, boardTypeSchema } from './board-type-schema.js';
import type { RigFileProblem } from './rig-file-error.js';

/** Types that come with the product, one file each. */
const BUILT_IN = fileURLToPath(new URL('../../../rigs/types/', import.meta.url));

/** Where the file of a type lies: beside the rig file, or among the built-in ones; undefined where no built-in one has that name. */
export const findTypeFile = (type: string, { rigPath }: { readonly rigPath: string }): string | undefined => {
	if (/[/\\]|\.ya?ml$/.test(type)) return resolve(dirname(rigPath), type);
	const path = join(BUILT_IN, `${type}.yaml`);
	return existsSync(path) ? path : undefined;
};

export const listBuiltInTypes = (): readonly string[] =>
	readdirSync(BUILT_IN)
		.flatMap((file) => (file.endsWith('.yaml') ? [file.slice(0, -'.yaml'.length)] : []))
		.sort();

/** Reads a board type; its images lie beside it. */
export const parseBoardType = (
	text: string,
	{ file, path }: { readonly file: string; readonly path: string },
): { readonly type: BoardType | undefined; readonly problems: readonly RigFileProblem[] } => {
	const { data, problems } = inspectYaml(text, { schema: boardTypeSchema, whole: 'board type', refuseBooleanWords: true });
	const type = data === undefined ? undefined : { ...data, images: resolveImages(data.images, dirname(path)), qemu: resolveQemu(data.qemu, dirname(path)) };
	return { type, problems: problems.map((problem) => ({ file, ...problem })) };
};

const resolveQemu = (qemu: BoardType['qemu'], folder: string): BoardType['qemu'] =>
	qemu?.firmware === undefined ? qemu : { ...qemu, firmware: resolve(folder, qemu.firmware) };

/** Makes the files of images absolute. */
export const resolveImages = (images: BoardType['images'], folder: string): BoardType['images'] =>
	Object.fromEntries(Object.entries(images).map(([role, image]) => [role, image && { ...image, file: resolve(folder, image.file) }]));
