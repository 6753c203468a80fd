import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** What the compiler makes of a source file, besides its name. */
const COMPILED = /(?:\.js|\.js\.map|\.d\.ts)$/;

/**
 * Removes from the folder of built code what the compiler once made of files that are no more, which would be run as tests, and
 * packed. `folders`: those below `source` that are compiled. Returns the paths that were removed.
 */
export const removeStale = ({
	source,
	built,
	folders,
}: {
	readonly source: string;
	readonly built: string;
	readonly folders: readonly string[];
}): readonly string[] => folders.flatMap((folder) => removeBelow({ source: join(source, folder), built: join(built, folder) }));

const removeBelow = ({ source, built }: { readonly source: string; readonly built: string }): readonly string[] => {
	const names = existsSync(source) ? readdirSync(source) : [];
	const sources = new Set(names);
	return readdirSync(built, { withFileTypes: true }).flatMap((entry) => {
		const path = join(built, entry.name);
		if (entry.isDirectory()) return removeBelow({ source: join(source, entry.name), built: path });
		if (!COMPILED.test(entry.name) || sources.has(entry.name.replace(COMPILED, '.ts'))) return [];
		rmSync(path);
		return [path];
	});
};
