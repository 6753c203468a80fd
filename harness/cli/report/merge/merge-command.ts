import { closeSync, openSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, relative } from 'node:path';
import { createRunSummary, HtmlReport, openCoverageReporter, openJunitReporter } from '../../../../reports/index.js';
import type { Verdict } from '../../../events/index.js';
import { encodeCell } from '../../../scenario/index.js';
import { realTime } from '../../../time/index.js';
import { feedLog } from '../../run/feed-log.js';
import { decideRun, EXIT_CODES } from '../../run/outcome.js';
import { openRunFolder } from '../../run/run-folder.js';
import { UsageError } from '../../usage-error.js';
import { findRunFolder } from '../read-run-folder.js';
import type { ReportContext } from '../report-command.js';
import { type CellLog, keyOf, readCellLog } from './cell-log.js';
import { mergeCase, type Part } from './merge-case.js';

/** `blackstart report merge`: joins the runs of all cells of one fleet into one run; returns the exit code that the whole run would have. */
export const mergeCommand = async (
	{ dirs = [], out }: { readonly dirs?: readonly string[] | undefined; readonly out?: string | undefined },
	{ directory, print = (text) => void process.stdout.write(text) }: ReportContext & { readonly print?: (text: string) => void },
): Promise<number> => {
	const cells = dirs.map((dir) => readCellLog(findRunFolder(dir, { directory }), dir)).sort((one, other) => one.cell.index - other.cell.index);
	assertWhole(cells);
	const folder = openRunFolder({ directory, ...(out === undefined ? {} : { out }), startedAt: new realTime.Date(realTime.epochMs()) });
	const path = join(folder.path, 'events.jsonl');
	const exitCode = writeMerged(path, { cells, id: folder.id });
	const report = new HtmlReport();
	const summary = createRunSummary();
	const reporters = [
		report,
		summary,
		openJunitReporter({ path: join(folder.path, 'junit.xml'), hostname: hostname(), projectDir: directory }),
		openCoverageReporter({ path: join(folder.path, 'coverage.json') }),
	];
	feedLog(path, { observe: (event, scenario) => reporters.forEach((one) => void one.observe(event, scenario)) });
	for (const one of reporters) if ('close' in one) one.close();
	report.write(join(folder.path, 'report.html'));
	print(summary.render({ dir: relative(directory, folder.path) || '.', colour: process.stdout.hasColors?.() ?? false }));
	return exitCode;
};

/** All cells of one fleet, each once. */
const assertWhole = (cells: readonly CellLog[]): void => {
	const [first] = cells;
	if (first === undefined) throw new UsageError('report merge: folders of runs of cells were expected, got none');
	const wanted = identityOf(first);
	for (const other of cells) {
		if (identityOf(other) !== wanted)
			throw new UsageError(
				`report merge: cells of one fleet were expected, these are of two: ${first.name} has ${wanted}, ${other.name} has ${identityOf(other)}`,
			);
	}
	const { count } = first.cell;
	const have = cells.map(({ cell }) => cell.index);
	const twice = cells.find(({ cell }, index) => have.indexOf(cell.index) !== index);
	if (twice) throw new UsageError(`report merge: every cell was expected once, ${encodeCell(twice.cell)} is there twice`);
	const missing = Array.from({ length: count }, (_, index) => index).filter((index) => !have.includes(index));
	if (missing.length > 0)
		throw new UsageError(`report merge: all ${count} cells were expected, missing: ${missing.map((index) => encodeCell({ index, count })).join(', ')}`);
};

const identityOf = ({ started: { seed, options, versions, scenarios }, cell }: CellLog): string => {
	const { devices, imageDigest = 'none', fromDigest = 'none' } = options;
	return `seed ${seed}, ${devices} devices, ${cell.count} cells, image ${imageDigest}, from ${fromDigest}, version ${versions['blackstart']}, ${scenarios.join(' ')}`;
};

const writeMerged = (path: string, { cells, id }: { readonly cells: readonly CellLog[]; readonly id: string }): number => {
	const file = openSync(path, 'wx');
	try {
		const write = (line: string): void => void writeSync(file, line);
		const say = (event: object): void => write(`${JSON.stringify(event)}\n`);
		const [{ started }] = cells as readonly [CellLog];
		const { reduction: _, ...options } = started.options;
		say({ ...started, id, options: { ...options, cells: cells.length } });
		const verdicts: Verdict[] = [];
		for (const scenario of started.scenarios) {
			const titles = [...new Set(cells.flatMap(({ registered }) => registered.get(scenario) ?? []))];
			say({ kind: 'scenario-registered', scenario, titles });
			for (const title of titles) verdicts.push(mergeTitle(cells, { scenario, title, write }));
		}
		const unfinished = cells.filter(({ ended }) => ended === undefined || ended.verdict === 'interrupted');
		for (const { cell, warnings } of cells) for (const message of warnings) say({ kind: 'run-warning', message: `cell ${encodeCell(cell)}: ${message}` });
		for (const { cell } of unfinished) say({ kind: 'run-warning', message: `cell ${encodeCell(cell)} did not come to its end` });
		const disagreed = unfinished.length > 0 || cells.some(({ ended, warnings }) => ended?.verdict === 'errored' && warnings.length > 0);
		const verdict = decideRun(verdicts, { interrupted: false, disagreed });
		say({ kind: 'run-ended', verdict, wallMs: Math.max(0, ...cells.map(({ ended }) => ended?.wallMs ?? 0)), exitCode: EXIT_CODES[verdict] });
		return EXIT_CODES[verdict];
	} finally {
		closeSync(file);
	}
};

const mergeTitle = (
	cells: readonly CellLog[],
	{ scenario, title, write }: { readonly scenario: string; readonly title: string; readonly write: (line: string) => void },
): Verdict => {
	const key = keyOf({ scenario, title });
	const parts = cells.flatMap((log): Part[] => {
		const own = log.cases.get(key);
		return own === undefined ? [] : [{ log, own }];
	});
	const skipped = cells.flatMap(({ skipped }) => skipped.get(key) ?? []);
	const absent = cells.length - parts.length - skipped.length;
	if (parts.length === 0 && absent === 0) {
		write(`${JSON.stringify(skipped[0])}\n`);
		return 'skipped';
	}
	if (absent > 0) {
		const reason = `it is missing in ${absent} of ${cells.length} cells`;
		write(`${JSON.stringify({ kind: 'scenario-ended', scenario, title, verdict: 'errored', reason, faults: [], virtualMs: 0 })}\n`);
		return 'errored';
	}
	return mergeCase(parts, write);
};
