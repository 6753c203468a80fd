import { accessSync, chmodSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { createSampleImages } from '../../../simulators/module/index.js';
import { findPackageRoot } from '../package-root.js';
import { UsageError } from '../usage-error.js';

/** The sample as it lies in the package, below simulators/module. */
const SAMPLE_FILES = [
	'blackstart.h',
	'sample/boot.h',
	'sample/boot.c',
	'sample/trial.c',
	'sample/swap.c',
	'sample/record.c',
	'sample/image.c',
	'sample/layout.yaml',
	'sample/build.sh',
	'sample/boot.wasm',
];

const TOOLS = ['clang', 'wasm-ld'];

/** `module init DIR`: a bootloader to begin with, compiled and ready to be explored. Writes nothing where a file of it is there already. */
export const initModuleCommand = (typed: { readonly dir?: string | undefined }, { directory }: { readonly directory: string }): number => {
	if (typed.dir === undefined) throw new UsageError('module init: a folder to write into was expected, got nothing');
	const folder = resolve(directory, typed.dir);
	const { from, to } = createSampleImages();
	const sample = join(findPackageRoot(), 'simulators/module');
	const files = new Map<string, Uint8Array>([
		...SAMPLE_FILES.map((file) => [file.replace(/^.*\//, ''), readFileSync(join(sample, file))] as const),
		['v1.bin', from],
		['v2.bin', to],
	]);
	const taken = [...files.keys()].filter((name) => existsSync(join(folder, name)));
	if (taken.length > 0) throw new UsageError(`module init: ${typed.dir}: a folder without these files was expected, it has ${taken.join(', ')}`);
	write(folder, { files, shown: typed.dir });
	process.stdout.write(describe(typed.dir, [...files.keys()]));
	return 0;
};

const write = (folder: string, { files, shown }: { readonly files: ReadonlyMap<string, Uint8Array>; readonly shown: string }): void => {
	try {
		mkdirSync(folder, { recursive: true });
		for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes, { flag: 'wx' });
		chmodSync(join(folder, 'build.sh'), 0o755);
	} catch (cause) {
		throw new UsageError(`module init: ${shown} cannot be written: ${(cause as NodeJS.ErrnoException).code}`, { cause });
	}
};

const describe = (shown: string, names: readonly string[]): string => {
	const missing = TOOLS.filter((tool) => !isOnPath(tool));
	const install =
		missing.length === 0
			? ''
			: `\n${missing.join(' and ')} cannot be found here, and compile it: apt-get install --no-install-recommends clang lld (Debian, Ubuntu),\ndnf install clang lld (Fedora), apk add clang lld (Alpine), brew install llvm lld (macOS).\n`;
	return `wrote ${names.join(', ')} into ${shown}

  cd ${shown}
  blackstart explore --module boot.wasm --layout layout.yaml --from v1.bin --to v2.bin
  ./build.sh      # after a change of the C files
${install}`;
};

const isOnPath = (tool: string): boolean =>
	(process.env['PATH'] ?? '').split(delimiter).some((folder) => {
		try {
			accessSync(join(folder, tool), constants.X_OK);
			return true;
		} catch {
			return false;
		}
	});
