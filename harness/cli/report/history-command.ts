import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BlackstartEvent } from '../../events/index.js';
import { parseEvent } from '../../events/index.js';
import { readLines } from '../run/read-lines.js';
import { UsageError } from '../usage-error.js';
import { findRunFolder } from './read-run-folder.js';
import type { ReportContext } from './report-command.js';

/** How one case went in the runs that have it, the oldest first. */
export interface CaseHistory {
	readonly name: string;
	readonly verdicts: string[];
	/** Times that one run had to try it again. */
	retries: number;
}

const RUNS = 'reports/runs';
const WORTH_PARSING = /^\{"kind":"(run-started|scenario-ended|scenario-skipped|run-retry)"/;
const LETTERS: Readonly<Record<string, string>> = { passed: '.', failed: 'F', errored: 'E', inconclusive: '?', skipped: 's' };

/** `blackstart report history`: the verdicts of every case over many runs; those that come and go are flaky. Returns the exit code. */
export const historyCommand = async (
	{ dirs = [], json }: { readonly dirs?: readonly string[] | undefined; readonly json: boolean },
	{ directory }: ReportContext,
): Promise<number> => {
	const folders = dirs.length > 0 ? dirs.map((dir) => findRunFolder(dir, { directory })) : listRuns(resolve(directory, RUNS));
	const runs = folders.map(readVerdicts).sort((one, other) => (one.startedAt < other.startedAt ? -1 : 1));
	const cases = new Map<string, CaseHistory>();
	for (const { verdicts, retried } of runs) {
		for (const [name, verdict] of verdicts) {
			const known = cases.get(name) ?? { name, verdicts: [], retries: 0 };
			cases.set(name, known);
			known.verdicts.push(verdict);
			known.retries += retried.get(name) ?? 0;
		}
	}
	const flaky = [...cases.values()].filter(isUnsteady).sort((one, other) => flips(other) - flips(one));
	if (json) process.stdout.write(`${JSON.stringify({ runs: runs.length, cases: cases.size, flaky })}\n`);
	else process.stdout.write(tell({ runs: runs.length, cases: cases.size, flaky }));
	return 0;
};

/** A case that came back to a verdict it had left, or that passed when it was run again: one change for good is a repair or a break. */
const isUnsteady = (history: CaseHistory): boolean => history.retries > 0 || flips(history) > 1;

const flips = ({ verdicts, retries }: CaseHistory): number => {
	const steady = verdicts.filter((verdict) => verdict !== 'skipped');
	return retries + steady.filter((verdict, index) => index > 0 && verdict !== steady[index - 1]).length;
};

const tell = ({ runs, cases, flaky }: { readonly runs: number; readonly cases: number; readonly flaky: readonly CaseHistory[] }): string => {
	const lines = flaky.map(
		(history) =>
			`${history.verdicts.map((verdict) => LETTERS[verdict] ?? '?').join('')}  ${history.name}${history.retries > 0 ? ` (run again ${history.retries} times)` : ''}\n`,
	);
	return `${cases} cases in ${runs} runs: ${flaky.length} flaky\n${lines.length === 0 ? '' : `\n${lines.join('')}\n. passed, F failed, E errored, ? inconclusive, s skipped; the oldest run first\n`}`;
};

const listRuns = (folder: string): readonly string[] => {
	if (!existsSync(folder)) throw new UsageError(`${folder}: runs were expected, there is no such folder; folders of runs can be named`);
	const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [join(folder, entry.name)] : []));
	const runs = names.filter((path) => readdirSync(path).includes('events.jsonl'));
	if (runs.length === 0) throw new UsageError(`${folder}: runs were expected, there is none`);
	return runs;
};

interface RunVerdicts {
	readonly startedAt: string;
	readonly verdicts: ReadonlyMap<string, string>;
	readonly retried: ReadonlyMap<string, number>;
}

const readVerdicts = (folder: string): RunVerdicts => {
	let startedAt = '';
	const verdicts = new Map<string, string>();
	const retried = new Map<string, number>();
	for (const lines of readLines(join(folder, 'events.jsonl'))) {
		for (const line of lines) {
			if (!WORTH_PARSING.test(line)) continue;
			const event: BlackstartEvent = parseEvent(line);
			if (event.kind === 'run-started') ({ startedAt } = event);
			if (event.kind === 'scenario-ended') verdicts.set(`${event.scenario}: ${event.title}`, event.verdict);
			if (event.kind === 'scenario-skipped') verdicts.set(`${event.scenario}: ${event.title}`, 'skipped');
			if (event.kind === 'run-retry') retried.set(`${event.scenario}: ${event.title}`, event.attempt - 1);
		}
	}
	return { startedAt, verdicts, retried };
};
