import { createModuleSubject, LayoutError, ModuleError, parseLayout } from '../../../simulators/module/index.js';
import type { Subject } from '../../explorer/index.js';
import { UsageError } from '../usage-error.js';
import type { ModuleTarget } from './explorer-case.js';
import { type InputFile, assertSameFile, readInputFile } from './input-file.js';

export interface ModuleArguments {
	readonly module?: string | undefined;
	readonly layout?: string | undefined;
	readonly from?: string | undefined;
	readonly to?: string | undefined;
}

/** The files that a walk of a module needs, all of them given. Throws a UsageError that names the one that is missing. */
export const readModuleTarget = (typed: ModuleArguments, { directory }: { readonly directory: string }): ModuleTarget => {
	const file = (flag: keyof ModuleArguments) => {
		const path = typed[flag];
		if (path === undefined) throw new UsageError(`--${flag}: ${WANTED[flag]} was expected with --module, got nothing`);
		return readInputFile(path, { flag, directory }).reference;
	};
	const target = { module: file('module'), layout: file('layout'), images: { from: file('from'), to: file('to') } };
	if (target.images.from.digest === target.images.to.digest) throw new UsageError(`--to: an image other than ${typed.from} was expected, got the same bytes`);
	return target;
};

const WANTED: Readonly<Record<keyof ModuleArguments, string>> = {
	module: 'a bootloader compiled to WebAssembly',
	layout: 'the layout of its flash',
	from: 'the image that devices run',
	to: 'the image that they update to',
};

/** Throws a UsageError where a file is not what it should be, or has changed since the target was written down. */
export const buildModuleSubject = (target: ModuleTarget, { directory }: { readonly directory: string }): Subject => {
	const read = (flag: keyof ModuleArguments, wanted: ModuleTarget['module']): InputFile => {
		const file = readInputFile(wanted.path, { flag, directory });
		assertSameFile(file.reference, { flag, wanted });
		return file;
	};
	const { layout: layoutFile } = target;
	try {
		return createModuleSubject('module', {
			module: read('module', target.module).bytes,
			layout: parseLayout(new TextDecoder().decode(read('layout', layoutFile).bytes), { file: layoutFile.path }),
			from: read('from', target.images.from).bytes,
			to: read('to', target.images.to).bytes,
		});
	} catch (cause) {
		if (cause instanceof LayoutError) throw new UsageError(cause.message, { cause });
		if (cause instanceof ModuleError) throw new UsageError(`--module: ${target.module.path}: ${cause.message}`, { cause });
		if (cause instanceof RangeError) throw new UsageError(`--${cause.message}`, { cause });
		throw cause;
	}
};
