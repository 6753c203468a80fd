import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const TAIL_BYTES = 128 * 1024;

/** The last lines of a console file, at most 128 KiB of it; what hinders reading stands in their place. */
export const readConsoleTail = (path: string, { lines }: { readonly lines: number }): readonly string[] => {
	try {
		const file = openSync(path, 'r');
		try {
			const { size } = fstatSync(file);
			const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
			const read = readSync(file, tail, 0, tail.length, size - tail.length);
			const all = tail.toString('utf8', 0, read).replace(/\n$/, '').split('\n');
			return (size > tail.length ? all.slice(1) : all).slice(-lines);
		} finally {
			closeSync(file);
		}
	} catch (error) {
		return [`(the console could not be read: ${error instanceof Error ? error.message : String(error)})`];
	}
};
