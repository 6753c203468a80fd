import { parseStrictXml, type XmlElementLike } from './strict-xml.js';

interface ElementRule {
	readonly required?: readonly string[];
	readonly optional?: readonly string[];
	readonly children?: readonly string[];
	/** Whether text other than blanks may stand directly inside. */
	readonly text?: boolean;
}

const FINDING: ElementRule = { optional: ['type', 'message'], text: true };
const RERUN: ElementRule = { required: ['type'], optional: ['message'], children: ['stackTrace', 'system-out', 'system-err'], text: true };
const TEXT: ElementRule = { text: true };

/** What the schema `junit-10.xsd` of the Jenkins xunit plugin lets each element hold. It lists no `skipped` for `testsuites`. */
const SCHEMA: Readonly<Record<string, ElementRule>> = {
	testsuites: { optional: ['name', 'time', 'tests', 'failures', 'errors'], children: ['testsuite'] },
	testsuite: {
		required: ['name', 'tests', 'failures', 'errors'],
		optional: ['group', 'time', 'skipped', 'timestamp', 'hostname', 'id', 'package', 'file', 'log', 'url'],
		children: ['testsuite', 'properties', 'testcase', 'system-out', 'system-err'],
	},
	properties: { children: ['property'] },
	property: { required: ['name', 'value'] },
	testcase: {
		required: ['name'],
		optional: ['time', 'classname', 'group'],
		children: ['skipped', 'error', 'failure', 'rerunFailure', 'rerunError', 'flakyFailure', 'flakyError', 'system-out', 'system-err'],
	},
	skipped: FINDING,
	error: FINDING,
	failure: FINDING,
	rerunFailure: RERUN,
	rerunError: RERUN,
	flakyFailure: RERUN,
	flakyError: RERUN,
	stackTrace: TEXT,
	'system-out': TEXT,
	'system-err': TEXT,
};

/** The schema's SUREFIRE_TIME with a dot, and no more than the three decimals that older schemas allow. */
const SUITE_TIME = /^[0-9]+(\.[0-9]{1,3})?$/;

/** What in `xml` the Jenkins xunit plugin would refuse, one line each; empty where it accepts the file. */
export const validateJenkinsRules = (xml: string): string[] => {
	const root = parseOrSay(xml);
	return typeof root === 'string' ? [root] : judgeRoot(root);
};

const judgeRoot = (root: XmlElementLike): string[] => {
	const faults = root.name === 'testsuites' || root.name === 'testsuite' ? [] : [`root: wanted testsuites or testsuite, got ${root.name}`];
	return [...faults, ...judgeElement(root, root.name)];
};

/**
 * What in a report of ours would mislead a reader that the schema alone lets through: nested or repeated suites,
 * cases with one identity, identities over 512 characters, counts that are not those of the cases. Includes the Jenkins rules.
 */
export const findReportFaults = (xml: string): string[] => {
	const root = parseOrSay(xml);
	if (typeof root === 'string') return [root];
	const faults = judgeRoot(root);
	if (faults.length > 0) return faults;
	const suites = root.children;
	return [
		...(root.name === 'testsuites' ? [] : [`root: wanted testsuites, got ${root.name}`]),
		...suites.filter((suite) => suite.children.some(({ name }) => name === 'testsuite')).map((suite) => `suite ${suite.attributes.name}: holds a suite`),
		...findRepeated(suites.map((suite) => suite.attributes.name ?? '')).map((name) => `suite ${name}: occurs twice`),
		...findIdentityFaults(suites.flatMap((suite) => suite.children.filter(({ name }) => name === 'testcase'))),
		...[root, ...suites].flatMap(findCountFaults),
	];
};

const parseOrSay = (xml: string): XmlElementLike | string => {
	try {
		return parseStrictXml(xml);
	} catch (error) {
		return `not well-formed: ${error instanceof Error ? error.message : String(error)}`;
	}
};

const judgeElement = (element: XmlElementLike, path: string): string[] => {
	const rule = SCHEMA[element.name];
	if (!rule) return [`${path}: unknown element`];
	const allowed = [...(rule.required ?? []), ...(rule.optional ?? [])];
	const given = Object.keys(element.attributes);
	return [
		...(rule.required ?? []).filter((name) => !given.includes(name)).map((name) => `${path}: attribute ${name} is missing`),
		...given.filter((name) => !allowed.includes(name)).map((name) => `${path}: attribute ${name} is not allowed`),
		...(rule.text || element.text.trim() === '' ? [] : [`${path}: text is not allowed`]),
		...judgeTime(element, path),
		...element.children.flatMap((child, index) => {
			const childPath = `${path}/${child.name}[${index}]`;
			return rule.children?.includes(child.name) ? judgeElement(child, childPath) : [`${childPath}: element is not allowed here`];
		}),
	];
};

const judgeTime = (element: XmlElementLike, path: string): string[] => {
	const { time } = element.attributes;
	if (time === undefined || SUITE_TIME.test(time)) return [];
	return [`${path}: time wanted seconds with at most 3 decimals, got ${JSON.stringify(time)}`];
};

const findRepeated = (names: readonly string[]): string[] => [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];

const findIdentityFaults = (cases: readonly XmlElementLike[]): string[] => {
	const seen = new Set<string>();
	return cases.flatMap((one) => {
		const identity = `${one.attributes.classname}.${one.attributes.name}`;
		const faults = seen.has(identity) ? [`case ${identity}: occurs twice`] : [];
		seen.add(identity);
		return identity.length > 512 ? [...faults, `case ${identity}: ${identity.length} characters, wanted at most 512`] : faults;
	});
};

const countCases = (element: XmlElementLike): XmlElementLike[] => (element.name === 'testcase' ? [element] : element.children.flatMap(countCases));

const findCountFaults = (element: XmlElementLike): string[] => {
	const cases = countCases(element);
	const withChild = (name: string) => cases.filter((one) => one.children.some((child) => child.name === name)).length;
	const wanted = { tests: cases.length, failures: withChild('failure'), errors: withChild('error'), skipped: withChild('skipped') };
	return Object.entries(wanted)
		.filter(([name]) => name !== 'skipped' || element.name === 'testsuite')
		.filter(([name, count]) => element.attributes[name] !== String(count))
		.map(([name, count]) => `${element.name} ${element.attributes.name}: ${name} says ${element.attributes[name]}, counted ${count}`);
};
