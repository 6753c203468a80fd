import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ListedFile } from '../worker/list-scenario-files.js';

const LISTER = fileURLToPath(new URL('../worker/list-scenario-files.js', import.meta.url));
const WITHIN_MS = 60_000;

/** What a process answered that imported scenario files. */
export interface ImportedFiles {
	/** In the order of the files; short of those that the process never came to. */
	readonly answers: readonly ListedFile[];
	/** How the process ended, for a file without an answer. */
	readonly ended: string;
}

/** Imports scenario files in a process of its own, which stands in `directory`, and returns what they declare. */
export const importFiles = async (urls: readonly string[], { directory }: { readonly directory: string }): Promise<ImportedFiles> => {
	const answers: ListedFile[] = [];
	let said = '';
	const lister = fork(LISTER, [...urls], {
		cwd: directory,
		execArgv: ['--enable-source-maps'],
		stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
		timeout: WITHIN_MS,
		killSignal: 'SIGKILL',
	});
	lister.on('message', (message) => answers.push(message as ListedFile));
	lister.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
	// Messages that are still on their way come before the disconnection, which may come after the end.
	const [[exitCode, signal]] = (await Promise.all([once(lister, 'close'), once(lister, 'disconnect')])) as [[number | null, NodeJS.Signals | null], unknown];
	const how = lister.killed ? `took longer than ${WITHIN_MS} ms` : `ended the process that imported it (${signal ?? `exit code ${exitCode}`})`;
	const last = said.trim().split('\n').at(-1) ?? '';
	return { answers, ended: `${how}${last === '' ? '' : `: ${last}`}` };
};
