import test from 'ava';
import { findReportFaults, validateJenkinsRules } from './index.js';

const suite = (inside: string, attributes = 'name="s" tests="1" failures="0" errors="0" skipped="0"') =>
	`<testsuites name="r" tests="1" failures="0" errors="0"><testsuite ${attributes}>${inside}</testsuite></testsuites>`;
const good = suite(
	'<properties><property name="a" value="b"/></properties><testcase name="n" classname="c" time="0.100"><system-out>x</system-out></testcase>',
);

test('a report by the rules has no faults', (t) => {
	t.deepEqual(validateJenkinsRules(good), []);
	t.deepEqual(findReportFaults(good), []);
});

const broken: Readonly<Record<string, string>> = {
	'a control character': '<testsuites>\u0001</testsuites>',
	'an escape character in an attribute': '<testsuites name="\u001b[0m"/>',
	'a reference to a control character': '<testsuites name="&#x1;"/>',
	'a lone surrogate': '<testsuites name="\ud800"/>',
	'U+FFFE': '<testsuites name="\ufffe"/>',
	'an attribute given twice': '<testsuites name="a" name="b"/>',
	'a bare ampersand': '<testsuites name="a & b"/>',
	'an element left open': '<testsuites><testsuite>',
	'the end of a CDATA section in text': suite('<testcase name="n"><system-out>]]></system-out></testcase>'),
	'no text at all': '',
	'two root elements': '<testsuites/><testsuites/>',
	'half a document': good.slice(0, good.length / 2),
};
for (const [what, xml] of Object.entries(broken)) {
	test(`the strict parser refuses ${what}`, (t) => {
		t.regex(validateJenkinsRules(xml)[0] ?? 'accepted', /^not well-formed: /);
	});
}

const illegal: Readonly<Record<string, readonly [xml: string, fault: RegExp]>> = {
	'another root element': ['<report/>', /root: wanted testsuites or testsuite, got report/],
	'skipped on testsuites': ['<testsuites skipped="0"/>', /attribute skipped is not allowed/],
	'a case without a name': [suite('<testcase classname="c"/>'), /attribute name is missing/],
	'a suite without its errors': [suite('', 'name="s" tests="0" failures="0"'), /attribute errors is missing/],
	'a file attribute on a case': [suite('<testcase name="n" file="x"/>'), /attribute file is not allowed/],
	'properties in a case': [suite('<testcase name="n"><properties/></testcase>'), /properties\[0\]: element is not allowed here/],
	'a rerun without a type': [suite('<testcase name="n"><rerunFailure message="m"/></testcase>'), /rerunFailure\[0\]: attribute type is missing/],
	'text in a suite': [suite('noise<testcase name="n"/>'), /text is not allowed/],
	'four decimals': [suite('<testcase name="n" time="0.1234"/>'), /at most 3 decimals, got "0.1234"/],
	'a time with a comma': [suite('<testcase name="n" time="1,5"/>'), /at most 3 decimals/],
	'an element in a failure': [suite('<testcase name="n"><failure><b/></failure></testcase>'), /b\[0\]: element is not allowed here/],
};
for (const [what, [xml, fault]] of Object.entries(illegal)) {
	test(`the Jenkins rules refuse ${what}`, (t) => {
		t.regex(validateJenkinsRules(xml).join('\n'), fault);
	});
}

const misleading: Readonly<Record<string, readonly [xml: string, fault: RegExp]>> = {
	'two cases of one identity': [
		suite('<testcase name="n" classname="c"/><testcase name="n" classname="c"/>', 'name="s" tests="2" failures="0" errors="0" skipped="0"'),
		/case c\.n: occurs twice/,
	],
	'a suite in a suite': [suite('<testsuite name="i" tests="0" failures="0" errors="0" skipped="0"/>'), /suite s: holds a suite/],
	'a wrong count of tests': [suite('<testcase name="n"/>', 'name="s" tests="2" failures="0" errors="0" skipped="0"'), /tests says 2, counted 1/],
	'a failure that is not counted': [suite('<testcase name="n"><failure/></testcase>'), /failures says 0, counted 1/],
	'a skip that is not counted': [suite('<testcase name="n"><skipped/></testcase>'), /skipped says 0, counted 1/],
	'an identity of 513 characters': [suite(`<testcase name="${'n'.repeat(511)}" classname="c"/>`), /513 characters, wanted at most 512/],
};
for (const [what, [xml, fault]] of Object.entries(misleading)) {
	test(`our own rules refuse ${what}, which the schema allows`, (t) => {
		t.deepEqual(validateJenkinsRules(xml), []);
		t.regex(findReportFaults(xml).join('\n'), fault);
	});
}
