import { type CaseRecord, describeOutcome, listCases, type RunRecord } from '../record/index.js';
import { encodeCase } from './case-element.js';
import { listSuiteFacts } from './case-facts.js';
import { nameCases, nameClasses } from './case-name.js';
import { encodeXmlAttributes, formatSeconds } from './xml-text.js';

const DEFAULT_TARGET = 'simulated-fleet';

export interface DocumentOptions {
	readonly hostname: string;
	/** The test case element of one case; the reporter keeps those that do not change any more. */
	readonly encodeCase?: typeof encodeCase;
	readonly attach: (path: string) => string | undefined;
}

interface Suite {
	readonly target: string;
	readonly scenario: string;
	readonly cases: readonly CaseRecord[];
}

/** A whole JUnit document of a run as far as it has come. Suites and cases stand in catalogue order. */
export const encodeJunit = (run: RunRecord, options: DocumentOptions): string => {
	const suites = listSuites(run);
	const classnames = nameClasses(suites);
	const totals = countCases(
		suites.flatMap(({ cases }) => cases),
		run,
	);
	const root = { name: 'blackstart', tests: totals.tests, failures: totals.failures, errors: totals.errors, time: totals.time };
	return [
		'<?xml version="1.0" encoding="UTF-8"?>',
		`<testsuites${encodeXmlAttributes(root)}>`,
		...suites.map((suite, index) => encodeSuite(run, { suite, index, classname: classnames[index] ?? suite.scenario, options })),
		'</testsuites>',
		'',
	].join('\n');
};

/** One suite per target and scenario file. Cases that have not started go where their file's, or else the run's, other cases went. */
const listSuites = (run: RunRecord): Suite[] => {
	const all = run.files.flatMap(listCases);
	const usual = all.find((one) => one.target !== undefined)?.target ?? DEFAULT_TARGET;
	return run.files.flatMap((file) => {
		const cases = listCases(file);
		const fallback = cases.find((one) => one.target !== undefined)?.target ?? usual;
		const byTarget = new Map<string, CaseRecord[]>();
		for (const one of cases) {
			const target = one.target ?? fallback;
			byTarget.set(target, [...(byTarget.get(target) ?? []), one]);
		}
		return [...byTarget].map(([target, own]) => ({ target, scenario: file.scenario, cases: own }));
	});
};

const countCases = (cases: readonly CaseRecord[], run: RunRecord) => {
	const verdicts = cases.map((one) => describeOutcome(one, run).verdict);
	return {
		tests: cases.length,
		failures: verdicts.filter((verdict) => verdict === 'failed').length,
		errors: verdicts.filter((verdict) => verdict === 'errored' || verdict === 'inconclusive').length,
		skipped: verdicts.filter((verdict) => verdict === 'skipped').length,
		time: formatSeconds(cases.reduce((sum, one) => sum + Math.round(one.wallMs ?? 0), 0)),
	};
};

interface SuitePlace {
	readonly suite: Suite;
	readonly index: number;
	readonly classname: string;
	readonly options: DocumentOptions;
}

const encodeSuite = (run: RunRecord, { suite, index, classname, options }: SuitePlace): string => {
	const { target, cases } = suite;
	const names = nameCases(
		cases.map(({ title }) => title),
		classname,
	);
	const startedAt = cases.flatMap((one) => (one.startedAt === undefined ? [] : [one.startedAt])).sort()[0] ?? run.startedAt;
	const attributes = {
		name: classname.slice('blackstart.'.length),
		...countCases(cases, run),
		timestamp: formatTimestamp(startedAt),
		hostname: options.hostname,
		id: index,
		package: 'blackstart',
	};
	const encode = options.encodeCase ?? encodeCase;
	return [
		`\t<testsuite${encodeXmlAttributes(attributes)}>`,
		'\t\t<properties>',
		...listSuiteFacts(run, { target, cases, names }).map(([name, value]) => `\t\t\t<property${encodeXmlAttributes({ name, value })}/>`),
		'\t\t</properties>',
		...cases.map((record, at) => encode(record, { run, target, classname, name: names[at] ?? record.title, attach: options.attach })),
		'\t</testsuite>',
	].join('\n');
};

/** ISO 8601 without milliseconds, in UTC, as the oldest readers want it; left out where the text is no date. */
const formatTimestamp = (text: string | undefined): string | undefined => {
	const at = new Date(text ?? Number.NaN);
	return Number.isNaN(at.getTime()) ? undefined : at.toISOString().replace(/\.\d+Z$/, 'Z');
};
