import { type CaseChange, compareRuns, HtmlReport, type RunData } from '../../../reports/index.js';
import { feedRun, findRunFolder } from './read-run-folder.js';
import type { ReportContext } from './report-command.js';

/** `blackstart report compare`: two runs side by side; 1 where anything got worse, 0 where nothing did. */
export const compareCommand = async (
	{ before, after, json }: { readonly before?: string | undefined; readonly after?: string | undefined; readonly json: boolean },
	{ directory }: ReportContext,
): Promise<number> => {
	const runs = [before, after].map((dir) => readRun(findRunFolder(dir, { directory }))) as [RunData, RunData];
	const changes = compareRuns(...runs);
	const count = (change: CaseChange['change']): number => changes.filter((one) => one.change === change).length;
	const counts = { worse: count('worse'), gone: count('gone'), unclear: count('unclear'), new: count('new'), better: count('better'), same: count('same') };
	if (json) process.stdout.write(`${JSON.stringify({ ...counts, changes: changes.filter(({ change }) => change !== 'same') })}\n`);
	else process.stdout.write(`${tell(runs, { changes, counts })}\n`);
	return counts.worse > 0 ? 1 : 0;
};

const readRun = (folder: string): RunData => {
	const report = new HtmlReport();
	feedRun(folder, report);
	return report.read();
};

const tell = (
	[before, after]: readonly [RunData, RunData],
	{ changes, counts }: { readonly changes: readonly CaseChange[]; readonly counts: Readonly<Record<string, number>> },
): string =>
	[
		`${describe(before)}\n${describe(after)}`,
		...(before.run.seed === after.run.seed ? [] : ['the seeds differ: some of what differs may be chance']),
		Object.entries(counts)
			.map(([change, number]) => `${number} ${change}`)
			.join(', '),
		...changes.filter(({ change }) => change !== 'same').map(tellChange),
	].join('\n\n');

const describe = ({ run: { id, seed, verdict, versions, options } }: RunData): string =>
	`${id}: ${verdict}, seed ${seed}, ${options['devices'] ?? '?'} devices, blackstart ${versions['blackstart'] ?? '?'}`;

const tellChange = ({ name, before, after, change, figures }: CaseChange): string =>
	[
		`${change.toUpperCase()}  ${name}${before === after ? '' : `: ${before ?? 'absent'} → ${after ?? 'absent'}`}`,
		...figures.map(({ name: figure, before: old, after: now, isWorse }) => `    ${isWorse ? 'worse' : 'better'}: ${figure}: ${round(old)} → ${round(now)}`),
	].join('\n');

const round = (value: number): string => String(Number(value.toPrecision(4)));
