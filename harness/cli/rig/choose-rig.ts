import { existsSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { RigFile } from '../../../rigs/rig-file/index.js';
import { findPackageRoot } from '../package-root.js';
import { UsageError } from '../usage-error.js';

export interface ChosenRig {
	readonly rig: RigFile;
	/** Why it is this one, for people; undefined where it was named. */
	readonly why: string | undefined;
}

/**
 * The rig file that is named, or the only one in `rigs` of the directory, or the virtual one that comes with the product.
 * Throws a UsageError that names every problem by file, line and key.
 */
export const chooseRig = async (typed: string | undefined, { directory }: { readonly directory: string }): Promise<ChosenRig> => {
	if (typed !== undefined) return { rig: await readRigFile(typed, { directory }), why: undefined };
	const found = listRigFiles(directory);
	if (found.length > 1) throw new UsageError(`--rig: one of ${found.join(', ')} was expected, got nothing`);
	const [only] = found;
	if (only !== undefined) return { rig: await readRigFile(only, { directory }), why: `rig file ${only}, the only one in rigs` };
	const virtual = relative(directory, join(findPackageRoot(), 'rigs/virtual.yaml'));
	const shown = virtual.startsWith('..') ? resolve(directory, virtual) : virtual;
	return { rig: await readRigFile(shown, { directory }), why: `rig file ${shown}, since there is no other in rigs` };
};

/** Rig files that come with the product, of boards without hardware. */
const OWN: readonly string[] = ['virtual.yaml', 'qemu.yaml', 'network.yaml'];

/** Rig files of a directory, the product's own left out. */
export const listRigFiles = (directory: string): readonly string[] => {
	const folder = join(directory, 'rigs');
	if (!existsSync(folder)) return [];
	return readdirSync(folder)
		.filter((name) => /\.ya?ml$/.test(name) && !OWN.includes(name))
		.sort()
		.map((name) => `rigs/${name}`);
};

/** Throws a UsageError where it cannot be read or is wrong. */
export const readRigFile = async (path: string, { directory }: { readonly directory: string }): Promise<RigFile> => {
	const { openRigFile, RigFileError } = await import('../../../rigs/rig-file/index.js');
	try {
		return openRigFile(path, { directory });
	} catch (cause) {
		if (cause instanceof RigFileError) throw new UsageError(cause.message, { cause });
		const { code } = cause as NodeJS.ErrnoException;
		if (code === undefined) throw cause;
		throw new UsageError(`rig file: ${path} cannot be read: ${code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'it is a folder' : code}`, { cause });
	}
};
