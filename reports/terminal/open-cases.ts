import { type CaseRecord, describeOutcome, describeShrunk, isFlaky, type Outcome, type RunRecord, replayLine, tellEvent } from '../record/index.js';
import { boundLines, fitWidth, scrubLine, scrubText, wrapWidth } from '../text/index.js';
import type { Paint } from './paint.js';

/** Beyond these, cases are one line each: the report files have them in full. */
const FULL_CASES = 8;
const STORY_LINES = 12;
const DETAIL_LINES = 16;

interface View {
	readonly run: RunRecord;
	readonly paint: Paint;
	readonly columns: number;
}

interface OpenCase {
	readonly record: CaseRecord;
	readonly outcome: Outcome;
}

/** What needs a person's attention, the product's failures first: blocks of lines, then one block of skips by reason. */
export const renderOpenCases = (cases: readonly CaseRecord[], view: View): string[][] => {
	const open = cases.map((record) => ({ record, outcome: describeOutcome(record, view.run) }));
	const withVerdict = (wanted: string) => open.filter(({ outcome }) => outcome.verdict === wanted);
	const errored = withVerdict('errored');
	const pressing = [
		...withVerdict('failed'),
		...errored.filter(({ outcome }) => outcome.finished),
		...errored.filter(({ outcome, record }) => !outcome.finished && record.status === 'running'),
		...withVerdict('inconclusive'),
	];
	const waiting = errored.filter(({ outcome, record }) => !outcome.finished && record.status === 'waiting');
	return [
		...pressing.slice(0, FULL_CASES).map((one) => renderBlock(one, view)),
		pressing.slice(FULL_CASES).flatMap((one) => renderShort(one, view)),
		renderGrouped(waiting, { view, label: 'NOT FINISHED' }),
		renderGrouped(cases.filter(isFlaky).map(sayFlaky), { view, label: 'FLAKY' }),
		renderGrouped(withVerdict('skipped'), { view, label: 'skipped' }),
	];
};

const sayFlaky = (record: CaseRecord): OpenCase => {
	const before = record.earlier.map(({ verdict, reason }) => `${verdict}, ${scrubLine(reason)}`).join('; ');
	return { record, outcome: { verdict: 'passed', finished: true, message: `passed when it was run again; before: ${before}` } };
};

const LABELS: Readonly<Record<string, string>> = { failed: 'FAILED', errored: 'ERROR', inconclusive: 'INCONCLUSIVE' };

const nameCase = ({ scenario, title, ordinal }: CaseRecord): string => scrubLine(`${scenario}: ${title}${ordinal > 1 ? ` (${ordinal})` : ''}`);

const renderHead = ({ record, outcome }: OpenCase, { paint, columns }: View): string[] => {
	const colour = outcome.verdict === 'inconclusive' ? paint.yellow : paint.red;
	return wrapWidth(`${LABELS[outcome.verdict]}  ${nameCase(record)}`, columns).map((line) => paint.bold(colour(line)));
};

const indent = (lines: readonly string[], blanks: number): string[] => lines.map((line) => ' '.repeat(blanks) + line);

const renderBlock = (one: OpenCase, view: View): string[] => {
	const { record, outcome } = one;
	const { paint, columns } = view;
	const story = record.story.slice(-STORY_LINES).map((event) => fitWidth(scrubText(tellEvent(event) ?? '').replaceAll('\n', ' '), columns - 4));
	const detail = scrubText(record.detail ?? '').split('\n');
	const shown = detail.slice(0, DETAIL_LINES).map((line) => fitWidth(line, columns - 4));
	const more = detail.length - shown.length;
	const replay = replayLine(record);
	return [
		...renderHead(one, view),
		...indent(wrapWidth(outcome.message ?? '', columns - 2), 2),
		...(record.detail === undefined ? [] : indent(shown, 4)),
		...(more > 0 ? [`    (${more} more lines in junit.xml)`] : []),
		...(story.length === 0 ? [] : [paint.dim(`  what happened${record.told > story.length ? `, the last ${story.length} of ${record.told} steps` : ''}:`)]),
		...indent(boundLines(story, { lines: STORY_LINES, widthChars: columns }), 4),
		...record.consoles.map((path) => `  console: ${scrubLine(path)}`),
		...(replay === undefined ? [] : [`  replay: ${paint.bold(replay)}`]),
		...describeShrunk(record).map((line) => `  ${line}`),
	];
};

const renderShort = (one: OpenCase, view: View): string[] => {
	const replay = replayLine(one.record);
	const reason = fitWidth(one.outcome.message ?? '', view.columns - 4);
	return [
		...renderHead(one, view),
		`    ${reason}`,
		...(replay === undefined ? [] : [`    replay: ${replay}`]),
		...describeShrunk(one.record).map((line) => `    ${line}`),
	];
};

/** Cases that share a reason are told together. */
const renderGrouped = (cases: readonly OpenCase[], { view, label }: { readonly view: View; readonly label: string }): string[] => {
	const byReason = new Map<string, string[]>();
	for (const { record, outcome } of cases) {
		const reason = outcome.message ?? '';
		byReason.set(reason, [...(byReason.get(reason) ?? []), nameCase(record)]);
	}
	return [...byReason].flatMap(([reason, names]) => [
		...wrapWidth(`${label} ${names.length}: ${reason}`, view.columns).map(view.paint.yellow),
		...names.map((name) => `    ${fitWidth(name, view.columns - 4)}`),
	]);
};
