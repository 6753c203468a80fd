import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BlackstartEvent } from '../../harness/events/index.js';
import { listCases, RunRecorder, type RunRecord, sumFaults, sumInvariants, invariantPromises } from '../record/index.js';
import type { Reporter } from '../reporter.js';
import { fitWidth, formatDuration, measureWidth, scrubLine, wrapWidth } from '../text/index.js';
import { countVerdicts, formatCounts, type RunCounts } from './counts.js';
import { renderCoverage } from './coverage.js';
import { renderOpenCases } from './open-cases.js';
import { createPaint, type Paint } from './paint.js';
import { renderCampaigns } from './campaigns.js';
import { alignRows } from './table.js';

export type { RunCounts } from './counts.js';

export interface RunSummaryOptions {
	/** The run's folder. What it holds is listed. */
	readonly dir: string;
	readonly colour: boolean;
	/** Width of the terminal, 100 where it is unknown. */
	readonly columns?: number;
}

export interface RunSummary extends Reporter {
	counts(): RunCounts;
	/** Text for people, with a line end after each line: the verdict first, then what needs attention, then the tables. */
	render(options: RunSummaryOptions): string;
}

interface View {
	readonly paint: Paint;
	readonly columns: number;
}

/** Collects a run to sum it up at its end. Cases that have not ended by then are errored. */
export const createRunSummary = (): RunSummary => {
	const recorder = new RunRecorder();
	const cases = () => recorder.run.files.flatMap(listCases);
	return {
		observe(event: BlackstartEvent, scenario?: string): void {
			recorder.observe(event, scenario);
		},
		close(): void {},
		counts: () => countVerdicts(cases(), recorder.run),
		render({ dir, colour, columns = 100 }: RunSummaryOptions): string {
			const { run } = recorder;
			const view: View = { paint: createPaint(colour), columns: Math.max(40, columns) };
			const sections = [
				renderVerdict(run, view),
				...renderOpenCases(cases(), { run, ...view }),
				renderFiles(run, view),
				renderFaults(run, view),
				renderCoverage(
					run.files.flatMap((file) => file.cases),
					view,
				),
				renderInvariants(run, view),
				renderCampaigns(cases(), view),
				renderWarnings(run, view),
				renderReports(dir, view),
			];
			return `${sections
				.filter((lines) => lines.length > 0)
				.map((lines) => lines.join('\n'))
				.join('\n\n')}\n`;
		},
	};
};

const renderVerdict = (run: RunRecord, { paint, columns }: View): string[] => {
	const counts = countVerdicts(run.files.flatMap(listCases), run);
	const facts = [
		`${counts.scenarios} cases in ${run.files.length} scenario files: ${formatCounts(counts)}`,
		...(run.ended ? [formatDuration(run.ended.wallMs)] : []),
		...(run.seed === undefined ? [] : [`seed ${run.seed}`]),
	];
	return [sayVerdict(run, { counts, paint }), ...wrapWidth(facts.join(' · '), columns)];
};

const sayVerdict = (run: RunRecord, { counts, paint }: { readonly counts: RunCounts; readonly paint: Paint }): string => {
	const red = (text: string) => paint.bold(paint.red(text));
	const yellow = (text: string) => paint.bold(paint.yellow(text));
	if (run.ended?.verdict === 'interrupted') return yellow('INTERRUPTED: the run was stopped before its end');
	if (counts.failed > 0) return red(`FAILED: the product broke its promise in ${counts.failed} of ${counts.scenarios} cases`);
	if (counts.errored > 0) return red(`ERROR: rig or harness failed in ${counts.errored} cases, which says nothing about the product`);
	if (run.ended?.verdict === 'failed') return red('FAILED');
	if (run.ended?.verdict === 'errored') return red('ERROR: rig or harness failed, see the warnings');
	if (counts.inconclusive > 0) return yellow(`INCONCLUSIVE: ${counts.inconclusive} cases could not be judged`);
	if (counts.passed === 0) return yellow('INCONCLUSIVE: no case was executed');
	if (run.ended?.verdict === 'inconclusive') return yellow('INCONCLUSIVE');
	return paint.bold(paint.green('PASSED: every case that ran kept its promise'));
};

/** One line a file, however many cases it has. */
const renderFiles = (run: RunRecord, { paint, columns }: View): string[] => {
	if (run.files.length === 0) return [];
	const counted = run.files.map((file) => ({ name: scrubLine(file.scenario), ...countVerdicts(listCases(file), run), cases: listCases(file) }));
	const nameColumns = Math.max(12, columns - 62);
	const dot = (count: number) => (count === 0 ? '.' : String(count));
	const rows = [
		['scenario', 'passed', 'failed', 'errored', 'inconcl.', 'skipped', 'time'],
		...counted.map(({ name, passed, failed, errored, inconclusive, skipped, cases }) => [
			fitWidth(name, nameColumns),
			...[passed, failed, errored, inconclusive, skipped].map(dot),
			formatDuration(cases.reduce((sum, one) => sum + (one.wallMs ?? 0), 0)),
		]),
	];
	const [head = '', ...lines] = alignRows(rows);
	return [
		paint.dim(head),
		...lines.map((line, index) => {
			const file = counted[index];
			if (!file) return line;
			if (file.failed + file.errored > 0) return paint.red(line);
			return file.inconclusive > 0 ? paint.yellow(line) : line;
		}),
	];
};

const renderFaults = (run: RunRecord, { paint }: View): string[] => {
	const faults = sumFaults(run.files.flatMap(({ cases }) => cases));
	if (faults.length === 0) return [];
	const rows = [['fault', 'armed', 'fired'], ...faults.map(({ fault, armed, fired }) => [scrubLine(fault), String(armed), String(fired)])];
	const [head = '', ...lines] = alignRows(rows);
	return [paint.dim(head), ...lines.map((line, index) => (faults[index]?.fired === 0 ? paint.yellow(`${line}  never fired`) : line))];
};

const renderInvariants = (run: RunRecord, { paint, columns }: View): string[] => {
	const ran = run.files.flatMap(({ cases }) => cases).filter((one) => one.invariants.length > 0);
	if (ran.length === 0) return [];
	const sums = sumInvariants(ran);
	const exercised = sums.filter(({ checks }) => checks > 0);
	const idle = sums.filter(({ checks }) => checks === 0);
	const rows = [
		['invariant', 'checks', 'violations', 'cases'],
		...exercised.map(({ invariant, checks, violations, cases }) => [invariant, String(checks), String(violations), String(cases)]),
	];
	const [head = '', ...lines] = alignRows(rows);
	const width = Math.max(0, ...lines.map(measureWidth));
	return [
		...(exercised.length === 0 ? [] : [paint.dim(head)]),
		...lines.map((line, index) => {
			const one = exercised[index];
			if (!one) return line;
			const promise = columns - width > 24 ? `  ${fitWidth(invariantPromises[one.invariant], columns - width - 2)}` : '';
			return (one.violations > 0 ? paint.red(line) : line) + paint.dim(promise);
		}),
		...(idle.length === 0
			? ['every invariant was exercised']
			: wrapWidth(`never exercised in this run: ${idle.map(({ invariant }) => invariant).join(', ')}`, columns).map(paint.yellow)),
	];
};

const renderWarnings = (run: RunRecord, { paint, columns }: View): string[] =>
	run.warnings.flatMap((message) => wrapWidth(`warning: ${scrubLine(message)}`, columns).map(paint.yellow));

const REPORT_FILES = ['junit.xml', 'events.jsonl', 'report.html', 'audit.jsonl', 'coverage.json', 'summary.md', 'consoles', 'cases', 'partial'];

const renderReports = (dir: string, { paint }: View): string[] => {
	const found = REPORT_FILES.filter((name) => existsSync(join(dir, name)));
	return [paint.dim('reports'), ...(found.length === 0 ? [dir] : found.map((name) => join(dir, name)))].map((line, index) =>
		index === 0 ? line : `  ${line}`,
	);
};
