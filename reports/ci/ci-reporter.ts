import { appendFileSync } from 'node:fs';
import type { BlackstartEvent } from '../../harness/events/index.js';
import { writeFileAtomically } from '../atomic-file.js';
import type { CiSystem } from '../junit/index.js';
import { describeOutcome, isFlaky, listCases, replayLine, RunRecorder, type RunRecord } from '../record/index.js';
import type { Reporter } from '../reporter.js';
import { scrubLine } from '../text/index.js';
import { encodeSummary, nameOf, rankOpen } from './markdown-summary.js';

/** GitHub shows ten errors and ten warnings of a step. */
const MOST_ANNOTATIONS = 10;

export interface CiReporterOptions {
	readonly ci: CiSystem;
	/** The summary's file, absolute. */
	readonly path: string;
	/** Takes lines for the job's log, which the system acts on. */
	readonly print: (line: string) => void;
	/** The file that GitHub shows on the job's page, `GITHUB_STEP_SUMMARY`. */
	readonly stepSummary: string | undefined;
}

/**
 * Tells a CI system what a run came to, when it is over: `summary.md`, on GitHub as the step's summary too and with annotations,
 * on Azure uploaded and with logged issues. GitLab and Jenkins read the JUnit report and its attachments.
 */
export const openCiReporter = ({ ci, path, print, stepSummary }: CiReporterOptions): Reporter => {
	const recorder = new RunRecorder();
	let closed = false;
	return {
		observe(event: BlackstartEvent, scenario?: string): void {
			if (!closed) recorder.observe(event, scenario);
		},
		close(): void {
			if (closed) return;
			closed = true;
			const summary = encodeSummary(recorder.run);
			writeFileAtomically(path, summary);
			if (ci === 'github' && stepSummary !== undefined) appendFileSync(stepSummary, summary);
			if (ci === 'github') for (const line of annotate(recorder.run, formatGithub)) print(line);
			if (ci === 'azure') {
				for (const line of annotate(recorder.run, formatAzure)) print(line);
				print(`##vso[task.uploadsummary]${path}`);
			}
		},
	};
};

type Level = 'error' | 'warning';
type Format = (level: Level, title: string, message: string) => string;

/** The product's failures first, then what is flaky as warnings. */
const annotate = (run: RunRecord, format: Format): readonly string[] => {
	const cases = run.files.flatMap(listCases).map((record) => ({ record, outcome: describeOutcome(record, run) }));
	const open = rankOpen(cases).slice(0, MOST_ANNOTATIONS);
	const flaky = cases.filter(({ record }) => isFlaky(record)).slice(0, MOST_ANNOTATIONS);
	return [
		...open.map(({ record, outcome }) => {
			const replay = replayLine(record);
			return format(
				'error',
				`${outcome.verdict}: ${nameOf(record)}`,
				`${scrubLine(outcome.message ?? '')}${replay === undefined ? '' : `\nreplay: ${replay}`}`,
			);
		}),
		...flaky.map(({ record }) => format('warning', `flaky: ${nameOf(record)}`, 'it passed when it was run again')),
	];
};

/** A workflow command: what would end it or its property is written as percent codes. */
const formatGithub: Format = (level, title, message) => `::${level} title=${escapeProperty(title)}::${escapeData(message)}`;

const escapeData = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const escapeProperty = (text: string): string => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

const formatAzure: Format = (level, title, message) => `##vso[task.logissue type=${level}]${scrubLine(`${title}: ${message}`).replaceAll('%', '%AZP25')}`;
