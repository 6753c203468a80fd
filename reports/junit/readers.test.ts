import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { junitXml } from '@allurereport/reader';
import { BufferResultFile, type RawTestResult, type ResultsVisitor } from '@allurereport/reader-api';
import test, { type ExecutionContext } from 'ava';
import { execa } from 'execa';
import { parse } from 'junit2json';
import { createSampleRun } from '../record/sample-run.js';
import { openJunitReporter } from './junit-reporter.js';

/** What the readers agree to call by one name, and what our own serial noise looks like in it. */
const RUN = createSampleRun(
	{
		alpha: [
			{ title: 'passes', verdict: 'passed' },
			{ title: 'fails & says <why>', verdict: 'failed', reason: 'device-1 runs "half" an image', console: '\u0000\u001b[31mpanic\u001b[0m ]]>' },
			{ title: 'is skipped', verdict: 'skipped', reason: 'needs gpio' },
		],
		beta: [
			{ title: 'breaks the rig', verdict: 'errored', reason: 'the broker died' },
			{ title: 'passes too', verdict: 'passed' },
		],
	},
	{ ended: 'failed' },
);

const writeReport = (t: ExecutionContext): { readonly folder: string; readonly path: string } => {
	const folder = mkdtempSync(join(tmpdir(), 'blackstart-readers-'));
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	const path = join(folder, 'junit.xml');
	const reporter = openJunitReporter({ path, hostname: 'bench' });
	for (const [event, scenario] of RUN) reporter.observe(event, scenario);
	reporter.close();
	return { folder, path };
};

test('junit2json reads every suite and case, and the counts we wrote', async (t) => {
	const { path } = writeReport(t);
	const report = await parse(readFileSync(path, 'utf8'));
	t.true(report !== undefined && report !== null && 'testsuite' in report);
	const suites =
		(report as { testsuite?: { name?: string; testcase?: { name?: string; failure?: unknown[]; error?: unknown[]; skipped?: unknown[] }[] }[] }).testsuite ??
		[];
	t.deepEqual(
		suites.map(({ testcase = [] }) => testcase.length),
		[3, 2],
	);
	const cases = suites.flatMap(({ testcase = [] }) => testcase);
	t.deepEqual(
		cases.map(({ failure, error, skipped }) => (failure ? 'failure' : error ? 'error' : skipped ? 'skipped' : 'passed')),
		['passed', 'failure', 'skipped', 'error', 'passed'],
	);
	t.is(cases[1]?.name, 'fails & says <why>');
	t.like(report, { tests: 5, failures: 1, errors: 1 });
});

test('test-results-parser counts the same failures and errors', (t) => {
	const { path } = writeReport(t);
	const parser = createRequire(import.meta.url)('test-results-parser') as {
		parse(options: { readonly type: 'junit'; readonly files: readonly string[] }): {
			readonly passed: number;
			readonly failed: number;
			readonly suites: readonly unknown[];
		};
	};
	const result = parser.parse({ type: 'junit', files: [path] });
	// It looks for skipped on the root alone, where the Jenkins schema forbids it, and so takes the skipped case for a passed one.
	t.like(result, { total: 5, failed: 1, errors: 1 });
	t.is(result.suites.length, 2);
});

test('junit-report-merger merges our report with another of ours', async (t) => {
	const { folder, path } = writeReport(t);
	const other = writeReport(t);
	const merged = join(folder, 'merged.xml');
	const jrm = createRequire(import.meta.url).resolve('junit-report-merger/cli.js');
	await execa(process.execPath, [jrm, merged, path, other.path]);
	t.true(existsSync(merged));
	const report = await parse(readFileSync(merged, 'utf8'));
	t.like(report, { tests: 10, failures: 2, errors: 2 });
});

test('Allure reads each case with the status that its page shows, and none is a surprise', async (t) => {
	const { path } = writeReport(t);
	const results: RawTestResult[] = [];
	const visitor = {
		visitTestResult: async (result: RawTestResult) => void results.push(result),
		visitTestFixtureResult: async () => {},
		visitAttachmentFile: async () => {},
		visitMetadata: async () => {},
		visitGlobals: async () => {},
	} as unknown as ResultsVisitor;
	t.true(await junitXml.read(visitor, new BufferResultFile(readFileSync(path), 'junit.xml')));
	t.deepEqual(
		results.map(({ status }) => status),
		['passed', 'failed', 'skipped', 'broken', 'passed'],
	);
	// It leaves entities in names as they are written.
	t.true(results[1]?.name?.startsWith('fails &amp; says &lt;why'));
	t.regex(results[1]?.message ?? '', /product failure/);
});

test('junit-to-ctrf counts the same, and knows which case was flaky', async (t) => {
	const { folder, path } = writeReport(t);
	const { convertJUnitToCTRFReport } = (await import('junit-to-ctrf')) as unknown as {
		convertJUnitToCTRFReport(
			pattern: string,
			options: object,
		): Promise<{
			readonly results: {
				readonly summary: Readonly<Record<string, number>>;
				readonly tests: readonly { readonly name: string; readonly status: string; readonly flaky?: boolean }[];
			};
		} | null>;
	};
	const report = await convertJUnitToCTRFReport(path, { outputPath: join(folder, 'ctrf.json'), log: false });
	t.like(report?.results.summary, { tests: 5, passed: 2, skipped: 1 });
	t.deepEqual(
		report?.results.tests.map(({ status }) => status),
		['passed', 'failed', 'skipped', 'failed', 'passed'],
	);
	t.is(report?.results.tests[1]?.name, 'fails & says <why>');
});
