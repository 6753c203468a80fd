import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { CiSystem } from '../junit/index.js';
import { createSampleRun, type SampleCase } from '../record/sample-run.js';
import { openCiReporter } from './ci-reporter.js';

const report = (t: ExecutionContext, ci: CiSystem, cases: readonly SampleCase[]) => {
	const folder = mkdtempSync(join(tmpdir(), 'blackstart-ci-'));
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	const stepSummary = join(folder, 'step.md');
	writeFileSync(stepSummary, 'before\n');
	const lines: string[] = [];
	const reporter = openCiReporter({ ci, path: join(folder, 'summary.md'), print: (line) => void lines.push(line), stepSummary });
	for (const [event, scenario] of createSampleRun({ a: cases }, { ended: 'failed' })) reporter.observe(event, scenario);
	reporter.close();
	reporter.close();
	return { lines, summary: readFileSync(join(folder, 'summary.md'), 'utf8'), step: readFileSync(stepSummary, 'utf8') };
};

const failing = (title: string, rest: Partial<SampleCase> = {}): SampleCase => ({ title, verdict: 'failed', reason: 'wanted 1', ...rest });

test('GitHub gets a summary with failures first, their story and replay line, and annotations of the same', (t) => {
	const { lines, summary, step } = report(t, 'github', [
		{ title: 'holds', verdict: 'passed' },
		{ title: 'unclear', verdict: 'inconclusive' },
		failing('breaks', { steps: ['first this'] }),
	]);
	t.is(step, `before\n${summary}`);
	t.regex(
		summary,
		/## Blackstart: failed[\s\S]*\| 1 \| 1 \| 0 \| 1 \| 0 \| 42 \|[\s\S]*<b>failed<\/b> a: breaks[\s\S]*product failure: wanted 1[\s\S]*```\nblackstart replay[\s\S]*first this[\s\S]*<b>inconclusive/,
	);
	t.deepEqual(
		lines.map((line) => line.slice(0, line.indexOf('::', 2))),
		['::error title=failed%3A a%3A breaks', '::error title=inconclusive%3A a%3A unclear'],
	);
});

test('no text of a device ends a command, a fence or a line of the summary, or is markup in it', (t) => {
	const hostile = 'x\n::set-output name=a::b\n```\n<img src=x> | @everyone [a](b) 50%';
	for (const ci of ['github', 'azure'] as const) {
		const { lines, summary } = report(t, ci, [failing('breaks', { reason: hostile, detail: hostile, steps: ['````'] })]);
		t.true(lines.every((line) => !line.includes('\n') && /^(::error title=|##vso\[task\.)/.test(line)));
		const outside = summary.replaceAll(/^(`{3,})\n[\s\S]*?\n\1$/gm, '');
		t.false(/<img|[^\\]\[a\]|@everyone/.test(outside));
		t.false(outside.includes('::set-output name=a::b\n'));
	}
});

test('ten annotations at most, and a summary of a thousand failures stays under a mebibyte', (t) => {
	const { lines, summary } = report(
		t,
		'github',
		Array.from({ length: 1_000 }, (_, index) => failing(`breaks ${index}`, { detail: 'x'.repeat(90_000) })),
	);
	t.is(lines.length, 10);
	t.true(Buffer.byteLength(summary) < 1_048_576);
	t.regex(summary, /and 800 more/);
});

test('Azure gets logged issues and the summary, GitLab and Jenkins the summary alone', (t) => {
	const azure = report(t, 'azure', [failing('breaks')]).lines;
	t.regex(azure[0] ?? '', /^##vso\[task\.logissue type=error\]failed: a: breaks: product failure: wanted 1 replay: /);
	t.regex(azure[1] ?? '', /^##vso\[task\.uploadsummary\]\/.*summary\.md$/);
	for (const ci of ['gitlab', 'jenkins'] as const) t.deepEqual(report(t, ci, [failing('breaks')]).lines, []);
});
