import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CaseConsole } from '../../scenario/index.js';

/** Opens a case's console file, created at its first line; what the process prints until it is closed goes there too. */
export const openConsoleFile = (path: string): CaseConsole => {
	let file: number | undefined;
	const append = (text: string | Uint8Array): void => {
		if (file === undefined) {
			mkdirSync(dirname(path), { recursive: true });
			file = openSync(path, 'w');
		}
		writeSync(file, typeof text === 'string' ? Buffer.from(text) : text);
	};
	const release = [process.stdout, process.stderr].map((stream) => captureStream(stream, append));
	return {
		append,
		close: () => {
			for (const restore of release) restore();
			if (file === undefined) return undefined;
			closeSync(file);
			file = undefined;
			return path;
		},
	};
};

type Write = typeof process.stdout.write;

/** Sends what is written to `stream` to `append`, synchronously; returns what undoes it. */
const captureStream = (stream: NodeJS.WriteStream, append: (text: string | Uint8Array) => void): (() => void) => {
	const original = stream.write;
	stream.write = ((chunk: string | Uint8Array, encoding?: unknown, callback?: unknown) => {
		append(chunk);
		const done = typeof encoding === 'function' ? encoding : callback;
		if (typeof done === 'function') process.nextTick(done as () => void);
		return true;
	}) as Write;
	return () => {
		stream.write = original;
	};
};
