import { type CaseRecord, describeOutcome, describeShrunk, type Outcome, type RunRecord, replayLine, tellEvent } from '../record/index.js';
import { boundLines, scrubText } from '../text/index.js';
import { listCaseFacts } from './case-facts.js';
import { readConsoleTail } from './console-tail.js';
import { encodeAttachmentLines, encodeXmlAttributes, encodeXmlText, formatSeconds } from './xml-text.js';

/** Jenkins cuts the output of passing cases to 1,000 characters anyway; the others get the whole budget. */
const OUTPUT_LINES = { passing: 20, others: 200 };
const DETAIL_LINES = 200;
const WIDEST_LINE_CHARS = 1000;

export interface CaseElementOptions {
	readonly run: RunRecord;
	readonly target: string;
	readonly classname: string;
	readonly name: string;
	/** The line that attaches a file, or undefined where the reader knows no attachments. */
	readonly attach: (path: string) => string | undefined;
}

/** The `<testcase>` of one case. */
export const encodeCase = (record: CaseRecord, options: CaseElementOptions): string => {
	const { run, classname, name } = options;
	const outcome = describeOutcome(record, run);
	const time = formatSeconds(record.wallMs ?? 0);
	const output =
		encodeXmlText(listOutput(record, { ...options, outcome }).join('\n')) + encodeAttachmentLines(listAttachments(record, { ...options, outcome }));
	return [
		`\t\t<testcase${encodeXmlAttributes({ name, classname, time })}>`,
		...encodeFinding(record, outcome),
		`\t\t\t<system-out>${output}\n</system-out>`,
		'\t\t</testcase>',
	].join('\n');
};

const encodeFinding = (record: CaseRecord, outcome: Outcome): string[] => {
	if (outcome.message === undefined) return encodeEarlier(record, 'flaky');
	const message = cutLine(outcome.message);
	if (outcome.verdict === 'skipped') return [`\t\t\t<skipped${encodeXmlAttributes({ message })}/>`];
	const element = outcome.verdict === 'failed' ? 'failure' : 'error';
	const replay = replayLine(record);
	const body = [
		message,
		...(replay === undefined ? [] : [`replay: ${replay}`]),
		...describeShrunk(record).map(cutLine),
		...(record.detail === undefined ? [] : ['', ...bound(record.detail.split('\n'), DETAIL_LINES)]),
	];
	return [
		`\t\t\t<${element}${encodeXmlAttributes({ message, type: nameType(outcome) })}>${encodeXmlText(body.join('\n'))}\n</${element}>`,
		...encodeEarlier(record, 'rerun'),
	];
};

/** What it came to in runs before the last, in Surefire's words: `flaky` where that passed, `rerun` where it did not either. */
const encodeEarlier = ({ earlier }: CaseRecord, how: 'flaky' | 'rerun'): string[] =>
	earlier.map(({ verdict, reason, detail = '' }) => {
		const element = `${how}${verdict === 'failed' ? 'Failure' : 'Error'}`;
		const body = bound(detail.split('\n'), DETAIL_LINES).join('\n');
		return `\t\t\t<${element}${encodeXmlAttributes({ message: cutLine(reason), type: nameType({ verdict, finished: true }) })}>${encodeXmlText(body)}</${element}>`;
	});

const nameType = ({ verdict, finished }: Outcome): string => {
	if (!finished) return 'NotFinished';
	if (verdict === 'failed') return 'ProductFailure';
	return verdict === 'inconclusive' ? 'Inconclusive' : 'HarnessFault';
};

interface OutputOptions extends CaseElementOptions {
	readonly outcome: Outcome;
}

const isGood = ({ verdict }: Outcome): boolean => verdict === 'passed' || verdict === 'skipped';

const listAttachments = (record: CaseRecord, { attach, outcome }: OutputOptions): string[] =>
	isGood(outcome) ? [] : record.consoles.map(attach).filter((line) => line !== undefined);

const listOutput = (record: CaseRecord, { run, target, outcome }: OutputOptions): string[] => {
	const lines = isGood(outcome) ? OUTPUT_LINES.passing : OUTPUT_LINES.others;
	const facts = listCaseFacts(run, { record, target }).map((line) => cutLine(line));
	const story = record.story.slice(-lines).map((event) => tellEvent(event) ?? '');
	const told = story.length === 0 ? [] : ['', `story, the last ${story.length} of ${record.told} lines:`, ...bound(story, lines)];
	if (isGood(outcome)) return [...facts, ...told];
	const consoles = record.consoles.flatMap((path) => {
		const tail = bound(readConsoleTail(path, { lines }), lines);
		return ['', `console, the last ${tail.length} lines of ${cutLine(path)}:`, ...tail];
	});
	return [...facts, ...told, ...consoles];
};

const cutLine = (text: string): string => {
	const line = scrubText(text).replaceAll('\n', ' ');
	return line.length > WIDEST_LINE_CHARS ? `${line.slice(0, WIDEST_LINE_CHARS)} ...` : line;
};

const bound = (lines: readonly string[], count: number): string[] =>
	boundLines(
		lines.map((line) => scrubText(line)),
		{ lines: count, widthChars: WIDEST_LINE_CHARS },
	);
