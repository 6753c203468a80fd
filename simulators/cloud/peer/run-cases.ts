import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LOG_LINES = 15;

export interface PeerCase {
	readonly title: string;
}

export interface PeerRun<C> {
	readonly cases: readonly C[];
	readonly run: (each: C, folder: string) => Promise<void>;
	readonly word?: string | undefined;
	readonly atOnce?: number;
}

/**
 * Runs a client's cases, or those whose title has the `word`, each in a folder of its own that holds the
 * client's `{client}.log`; `atOnce` of them beside each other. Prints a line for each, in order, then `N passed, N failed`.
 */
export const runPeerCases = async <C extends PeerCase>(client: string, { cases, run, word = '', atOnce = 1 }: PeerRun<C>): Promise<void> => {
	const chosen = cases.filter(({ title }) => title.includes(word));
	const waiting = [...chosen.entries()];
	const lines: string[][] = [];
	let failed = 0;
	const work = async (): Promise<void> => {
		for (let next = waiting.shift(); next; next = waiting.shift()) {
			const [index, each] = next;
			const folder = await mkdtemp(join(tmpdir(), `blackstart-${client}-`));
			try {
				await run(each, folder);
				lines[index] = [`ok      ${each.title}`];
			} catch (error) {
				failed++;
				lines[index] = [`FAILED  ${each.title}`, `        ${error instanceof Error ? error.message : String(error)}`, ...(await lastWords(folder, client))];
			} finally {
				await rm(folder, { recursive: true, force: true });
			}
		}
	};
	await Promise.all(Array.from({ length: atOnce }, work));
	console.log(lines.flat().join('\n'));
	console.log(`${chosen.length - failed} passed, ${failed} failed`);
	process.exitCode = failed === 0 && chosen.length > 0 ? 0 : 1;
};

const lastWords = async (folder: string, client: string): Promise<string[]> => {
	const log = await readFile(join(folder, `${client}.log`), 'utf8').catch(() => `${client} said nothing`);
	return log
		.trimEnd()
		.split('\n')
		.slice(-LOG_LINES)
		.map((line) => `        | ${line}`);
};
