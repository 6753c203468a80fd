import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Writes a whole file or nothing: into a temporary file of the same folder, to the disk, then renamed over the old one.
 * Whoever dies halfway leaves the old file as it was. Throws the file system's error and leaves no temporary file then.
 */
export const writeFileAtomically = (path: string, text: string): void => {
	mkdirSync(dirname(path), { recursive: true });
	const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
	try {
		const file = openSync(temporary, 'w');
		try {
			const bytes = Buffer.from(text);
			for (let offset = 0; offset < bytes.length; ) offset += writeSync(file, bytes, offset);
			fsyncSync(file);
		} finally {
			closeSync(file);
		}
		renameSync(temporary, path);
	} catch (error) {
		rmSync(temporary, { force: true });
		throw error;
	}
};
