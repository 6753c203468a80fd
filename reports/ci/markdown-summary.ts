import { type CaseRecord, describeOutcome, isFlaky, listCases, type Outcome, replayLine, type RunRecord, tellEvent } from '../record/index.js';
import { formatDuration, scrubLine, scrubText } from '../text/index.js';

/** GitHub takes no summary above 1 MiB, and then none at all. */
const MOST_BYTES = 900_000;
const FULL_CASES = 20;
const LISTED_CASES = 200;
const STORY_LINES = 15;

interface Judged {
	readonly record: CaseRecord;
	readonly outcome: Outcome;
}

/** A run in Markdown for the page of a CI job: what did not pass first, each with its story and its replay line. */
export const encodeSummary = (run: RunRecord): string => {
	const cases = run.files.flatMap(listCases).map((record): Judged => ({ record, outcome: describeOutcome(record, run) }));
	const open = rankOpen(cases);
	const count = (verdict: string): number => cases.filter(({ outcome }) => outcome.verdict === verdict).length;
	const head = [
		`## Blackstart: ${run.ended?.verdict ?? 'unfinished'}`,
		'',
		`| passed | failed | errored | inconclusive | skipped | seed | time |`,
		'|---|---|---|---|---|---|---|',
		`| ${['passed', 'failed', 'errored', 'inconclusive', 'skipped'].map(count).join(' | ')} | ${run.seed ?? ''} | ${run.ended === undefined ? '' : formatDuration(run.ended.wallMs)} |`,
		'',
		...run.warnings.map((warning) => `> ${escapeMarkdown(warning)}`),
	].join('\n');
	const full = open.slice(0, FULL_CASES).map(encodeFull);
	const short = open
		.slice(FULL_CASES, LISTED_CASES)
		.map(({ record, outcome }) => `- **${outcome.verdict}** ${escapeMarkdown(nameOf(record))}: ${escapeMarkdown(outcome.message ?? '')}`);
	const more = open.length > LISTED_CASES ? [`- and ${open.length - LISTED_CASES} more`] : [];
	const flaky = cases.filter(({ record }) => isFlaky(record)).map(({ record }) => `- flaky: ${escapeMarkdown(nameOf(record))}, passed when it was run again`);
	return boundParts([head, ...full, [...short, ...more].join('\n'), flaky.join('\n')].filter((part) => part !== ''));
};

/** What did not pass, the product's failures first. */
export const rankOpen = (cases: readonly Judged[]): readonly Judged[] =>
	['failed', 'errored', 'inconclusive'].flatMap((verdict) => cases.filter(({ outcome }) => outcome.verdict === verdict));

export const nameOf = ({ scenario, title }: CaseRecord): string => scrubLine(`${scenario}: ${title}`);

const encodeFull = ({ record, outcome }: Judged): string => {
	const replay = replayLine(record);
	const story = record.story.slice(-STORY_LINES).map((event) => scrubText(tellEvent(event) ?? ''));
	return [
		`<details open><summary><b>${escapeMarkdown(outcome.verdict)}</b> ${escapeMarkdown(nameOf(record))}</summary>`,
		'',
		escapeMarkdown(outcome.message ?? ''),
		...(replay === undefined ? [] : ['', fence(replay)]),
		...(record.detail === undefined ? [] : ['', fence(scrubText(record.detail).slice(0, 4_000))]),
		...(story.length === 0 ? [] : ['', fence(story.join('\n'))]),
		'',
		'</details>',
	].join('\n');
};

/** Longer than any run of the same sign within. */
const fence = (text: string): string => {
	const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
	const marks = '`'.repeat(longest + 1);
	return `${marks}\n${text}\n${marks}`;
};

/** On one line, and nothing in it is markup, a mention or a reference. */
export const escapeMarkdown = (text: string): string =>
	scrubLine(text)
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll(/[\\`*_{}[\]()#|!~]/g, '\\$&')
		.replaceAll('@', '@\u200b');

const boundParts = (parts: readonly string[]): string => {
	const kept: string[] = [];
	let left = MOST_BYTES;
	for (const part of parts) {
		left -= Buffer.byteLength(part) + 2;
		if (left < 0) return `${[...kept, 'The rest is left out: report.html and junit.xml have it.'].join('\n\n')}\n`;
		kept.push(part);
	}
	return `${kept.join('\n\n')}\n`;
};
