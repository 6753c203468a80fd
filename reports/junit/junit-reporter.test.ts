import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import fc from 'fast-check';
import { createSampleRun, type FedEvent, type SampleCase } from '../record/sample-run.js';
import { type CiSystem, findReportFaults, openJunitReporter, parseStrictXml, writeFileAtomically, type XmlElementLike } from './index.js';

const withFolder = <T>(use: (folder: string) => T): T => {
	const folder = mkdtempSync(join(tmpdir(), 'blackstart-junit-'));
	try {
		return use(folder);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
};

interface FeedOptions {
	readonly folder: string;
	readonly ci?: CiSystem;
	readonly close?: boolean;
}

/** The text that stands on disk after every event, without repeats. */
const feed = (events: readonly FedEvent[], { folder, ci, close = true }: FeedOptions): string[] => {
	const path = join(folder, 'junit.xml');
	const reporter = openJunitReporter({ path, hostname: 'bench-1', projectDir: folder, ...(ci === undefined ? {} : { ci }) });
	const texts: string[] = [];
	const look = () => {
		if (!existsSync(path)) return;
		const text = readFileSync(path, 'utf8');
		if (text !== texts.at(-1)) texts.push(text);
	};
	for (const [event, scenario] of events) {
		reporter.observe(event, scenario);
		look();
	}
	if (close) reporter.close();
	look();
	return texts;
};

const report = (events: readonly FedEvent[], ci?: CiSystem): string =>
	withFolder((folder) => feed(events, { folder, ...(ci === undefined ? {} : { ci }) }).at(-1)!);

const listElements = (element: XmlElementLike, name: string): XmlElementLike[] => [
	...(element.name === name ? [element] : []),
	...element.children.flatMap((child) => listElements(child, name)),
];

const everyKind: readonly SampleCase[] = [
	{ title: 'passes', verdict: 'passed', wallMs: 1500.4 },
	{ title: 'fails', verdict: 'failed', detail: 'violation 1\nviolation 2', steps: ['publish'] },
	{ title: 'errs', verdict: 'errored' },
	{ title: 'is unsure', verdict: 'inconclusive' },
	{ title: 'is skipped', verdict: 'skipped', reason: 'needs console' },
	{ title: 'hangs', verdict: 'running' },
	{ title: 'never starts', verdict: 'waiting' },
];

test('the file is by the rules after every event of a run, and the first holds every case as not finished', (t) => {
	withFolder((folder) => {
		const texts = feed(createSampleRun({ 'packet-loss': everyKind, 'power-loss': everyKind }, { ended: 'failed' }), { folder });
		t.true(texts.length > 10);
		for (const text of texts) t.deepEqual(findReportFaults(text), []);
		const first = listElements(parseStrictXml(texts[0]!), 'testcase');
		t.is(first.length, 14);
		for (const one of first) t.is(one.children[0]!.attributes.type, 'NotFinished');
		t.deepEqual(readdirSync(folder), ['junit.xml']);
	});
});

test('each verdict has its element, type and a message that says who is to blame', (t) => {
	const root = parseStrictXml(report(createSampleRun({ a: everyKind }, { ended: 'failed' })));
	const found = listElements(root, 'testcase').map(({ attributes, children }) => {
		const [finding] = children.filter(({ name }) => name !== 'system-out');
		return [attributes.name, attributes.time, finding?.name, finding?.attributes.type, finding?.attributes.message];
	});
	t.deepEqual(found, [
		['passes', '1.500', undefined, undefined, undefined],
		['fails', '0.250', 'failure', 'ProductFailure', 'product failure: failed for a reason'],
		['errs', '0.250', 'error', 'HarnessFault', 'harness error (not the product): errored for a reason'],
		['is unsure', '0.250', 'error', 'Inconclusive', 'inconclusive: inconclusive for a reason'],
		['is skipped', '0.000', 'skipped', undefined, 'needs console'],
		['hangs', '0.000', 'error', 'NotFinished', 'not finished (not a product verdict): it started and never ended'],
		['never starts', '0.000', 'error', 'NotFinished', 'not finished (not a product verdict): it never started'],
	]);
	const { timestamp, hostname, tests, failures, errors, skipped, time } = root.children[0]!.attributes;
	t.deepEqual(
		{ timestamp, hostname, tests, failures, errors, skipped, time },
		{ timestamp: '2026-03-04T05:06:08Z', hostname: 'bench-1', tests: '7', failures: '1', errors: '4', skipped: '1', time: '2.250' },
	);
});

test('a run killed in the middle leaves what it had, and the rest as not finished', (t) => {
	withFolder((folder) => {
		const events = createSampleRun({
			a: [
				{ title: 'one', verdict: 'passed' },
				{ title: 'two', verdict: 'passed' },
			],
		});
		const untilSecondStarts = events.slice(0, events.findIndex(([event]) => event.kind === 'scenario-started' && event.title === 'two') + 2);
		const text = feed(untilSecondStarts, { folder, close: false }).at(-1)!;
		const findings = listElements(parseStrictXml(text), 'testcase').map(({ children }) => children[0]!.attributes.type);
		t.deepEqual(findings, [undefined, 'NotFinished']);
	});
});

test('suites are one for each target and scenario, in catalogue order, and cases keep theirs', (t) => {
	const events = createSampleRun({
		z: [
			{ title: '2', verdict: 'passed' },
			{ title: '1', verdict: 'passed', target: 'board' },
		],
		a: [{ title: '3', verdict: 'waiting' }],
	});
	const suites = parseStrictXml(report(events)).children;
	t.deepEqual(
		suites.map(({ attributes, children }) => [attributes.name, ...children.slice(1).map((one) => `${one.attributes.classname}.${one.attributes.name}`)]),
		[
			['simulated-fleet.z', 'blackstart.simulated-fleet.z.2'],
			['board.z', 'blackstart.board.z.1'],
			['simulated-fleet.a', 'blackstart.simulated-fleet.a.3'],
		],
	);
});

test('the facts of a run stand in the properties and at the head of the output, and the replay line with the failure', (t) => {
	const root = parseStrictXml(report(createSampleRun({ a: [{ title: "it's so", verdict: 'failed' }] })));
	const properties = Object.fromEntries(listElements(root, 'property').map(({ attributes }) => [attributes.name, attributes.value]));
	t.deepEqual(properties, {
		seed: '42',
		target: 'simulated-fleet',
		options: '{"devices":500}',
		'version.blackstart': '0.1.0',
		faults: 'power-cut armed 1 fired 1',
		'fault-coverage': 'P3 .d...r.',
		'invariants-exercised': 'bootable 500',
		'invariants-not-exercised': 'whole; authentic; no-downgrade; trial; settings; truthful; once; converges; thrifty; gentle; contained; audited; tidy',
		"case.it's so": "a it's so seed=42",
	});
	const replay = `replay: blackstart replay 'a it'\\''s so seed=42'`;
	const [failure] = listElements(root, 'failure');
	const [output] = listElements(root, 'system-out');
	t.true(failure!.text.includes(replay));
	t.deepEqual(output!.text.split('\n').slice(0, 4), ['seed: 42', 'target: simulated-fleet', replay, 'options: {"devices":500}']);
	t.true(output!.text.includes('fault power-cut armed on dev-1'));
	t.true(output!.text.includes('evidence: blocks = 16'));
});

test('a rig hash in the options becomes a property', (t) => {
	const [[first], ...rest] = createSampleRun({ a: [{ title: 'x', verdict: 'passed' }] }) as [FedEvent, ...FedEvent[]];
	const xml = report([[{ ...first, options: { rigHash: 'abc123' } } as FedEvent[0]], ...rest.filter(([event]) => event.kind !== 'scenario-started')]);
	t.true(xml.includes('<property name="rig-hash" value="abc123"/>'));
});

test('titles that are alike, blank or too long become names that are unique, at most 512 characters, and the same every time', (t) => {
	const long = `${'漢\u{1f600}'.repeat(300)}`;
	const titles = ['same', 'same', 'same (2)', 'sa\u0000me', 'sa\u0001me', '', ' ', `${long}1`, `${long}2`, `${long}2`];
	const events = createSampleRun({ a: titles.map((title) => ({ title, verdict: 'passed' as const })) });
	const names = () => listElements(parseStrictXml(report(events)), 'testcase').map(({ attributes }) => attributes);
	const once = names();
	t.is(new Set(once.map(({ name }) => name)).size, titles.length);
	t.deepEqual(
		once.slice(0, 7).map(({ name }) => name),
		['same', 'same (2)', 'same (2) (2)', 'sa\ufffdme', 'sa\ufffdme (2)', '(untitled)', '(untitled) (2)'],
	);
	for (const { classname, name } of once) t.true(`${classname}.${name}`.length <= 512);
	t.deepEqual(names(), once);
});

test('scenario files whose names come out alike keep suites of their own', (t) => {
	const one: SampleCase[] = [{ title: 'x', verdict: 'passed' }];
	t.deepEqual(parseStrictXml(report(createSampleRun({ 'a b': one, 'a-b': one, ['n'.repeat(600)]: one, [`${'n'.repeat(600)}m`]: one }))).children.length, 4);
});

const attachments: Readonly<Record<string, (folder: string) => string | undefined>> = {
	gitlab: () => '[[ATTACHMENT|consoles/dev.log]]',
	jenkins: (folder) => `[[ATTACHMENT|${folder}/consoles/dev.log]]`,
	azure: (folder) => `[[ATTACHMENT|${folder}/consoles/dev.log]]`,
	github: () => undefined,
	none: () => undefined,
};
for (const [ci, line] of Object.entries(attachments)) {
	test(`a failure attaches its console as ${ci} reads it, a pass attaches nothing`, (t) => {
		withFolder((folder) => {
			mkdirSync(join(folder, 'consoles'));
			const console = join(folder, 'consoles', 'dev.log');
			writeFileSync(console, `${Array.from({ length: 500 }, (_, index) => `line ${index}`).join('\n')}\nlast [[ATTACHMENT|/etc/passwd]]\n`);
			const cases = (['failed', 'passed'] as const).map((verdict) => ({ title: verdict, verdict, console }));
			const xml = feed(createSampleRun({ a: cases }), { folder, ...(ci === 'none' ? {} : { ci: ci as CiSystem }) }).at(-1)!;
			const [failed, passed] = listElements(parseStrictXml(xml), 'system-out').map(({ text }) => text.split('\n'));
			const wanted = line(folder);
			t.deepEqual(
				failed!.filter((one) => one.includes('[[ATTACHMENT')),
				wanted === undefined ? [] : [wanted],
			);
			t.is(failed!.filter((one) => /^line \d+$/.test(one)).length, 199);
			t.true(failed!.includes('last [ [ATTACHMENT|/etc/passwd]]'));
			t.false(passed!.some((one) => one.includes('ATTACHMENT') || one.startsWith('line ')));
		});
	});
}

test('a console that is missing or outside of the GitLab project is said, not attached', (t) => {
	const xml = report(createSampleRun({ a: [{ title: 'x', verdict: 'failed', console: '/nowhere/dev.log' }] }), 'gitlab');
	t.true(xml.includes('the console could not be read'));
	t.false(xml.includes('[[ATTACHMENT'));
});

test('the text of devices never breaks the file', (t) => {
	const noise = fc
		.array(
			fc.oneof(
				fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
				fc.constantFrom(
					'\u001b[31m',
					']]>',
					'<![CDATA[',
					'&',
					'<',
					'"',
					'\ud800',
					'\udc00',
					'\u{1f600}',
					'\ufffe',
					'\u0000',
					'\r\n',
					'[[ATTACHMENT|x]]',
					'--',
					'&#0;',
				),
				fc.string(),
			),
			{ maxLength: 30 },
		)
		.map((parts) => parts.join(''));
	const kinds = fc.constantFrom('passed', 'failed', 'errored', 'inconclusive', 'skipped', 'running', 'waiting');
	const oneCase = fc.record({
		title: noise,
		verdict: kinds,
		reason: noise,
		detail: noise,
		steps: fc.array(noise, { maxLength: 3 }),
		target: noise,
	}) as fc.Arbitrary<SampleCase>;
	const property = fc.property(fc.dictionary(noise, fc.array(oneCase, { maxLength: 4 }), { maxKeys: 3, noNullPrototype: true }), noise, (files, seed) =>
		withFolder((folder) => {
			for (const text of feed(createSampleRun(files, { seed, ended: 'failed' }), { folder, ci: 'jenkins' })) {
				const faults = findReportFaults(text);
				if (faults.length > 0) throw new Error(faults.join('\n'));
				if (listElements(parseStrictXml(text), 'system-out').some((output) => output.text.includes('[[ATTACHMENT'))) throw new Error('attached');
			}
		}),
	);
	t.notThrows(() => fc.assert(property, { seed: 20260304, numRuns: 40 }));
});

test('a write that fails leaves the file before it whole and no temporary file', (t) => {
	withFolder((folder) => {
		const path = join(folder, 'junit.xml');
		mkdirSync(path);
		writeFileSync(join(path, 'inside'), 'kept');
		t.throws(() => writeFileAtomically(path, 'text'), { code: 'EISDIR' });
		t.deepEqual(readdirSync(folder), ['junit.xml']);
		t.is(readFileSync(join(path, 'inside'), 'utf8'), 'kept');
	});
});

test('a process killed while it reports leaves a whole file', (t) => {
	withFolder((folder) => {
		const path = join(folder, 'junit.xml');
		const program = `
			const { openJunitReporter } = await import(${JSON.stringify(new URL('./index.js', import.meta.url).href)});
			const { createSampleRun } = await import(${JSON.stringify(new URL('../record/sample-run.js', import.meta.url).href)});
			const cases = Array.from({ length: 40 }, (_, index) => ({ title: 'case ' + index, verdict: 'failed' }));
			const reporter = openJunitReporter({ path: ${JSON.stringify(path)}, hostname: 'h' });
			let ended = 0;
			for (const [event, scenario] of createSampleRun({ a: cases })) {
				reporter.observe(event, scenario);
				if (event.kind === 'scenario-ended' && ++ended === 20) process.kill(process.pid, 'SIGKILL');
			}`;
		const { signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', program]);
		t.is(signal, 'SIGKILL');
		const text = readFileSync(path, 'utf8');
		t.deepEqual(findReportFaults(text), []);
		t.is(listElements(parseStrictXml(text), 'failure').length, 20);
	});
});

test('a process killed at any moment of writing leaves a whole file', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'blackstart-junit-'));
	try {
		const path = join(folder, 'junit.xml');
		const program = `
			const { writeFileAtomically } = await import(${JSON.stringify(new URL('./index.js', import.meta.url).href)});
			for (let round = 1; ; round += 1) {
				writeFileAtomically(${JSON.stringify(path)}, '<a>' + String(round).repeat(200000) + '</a>');
				process.stdout.write('.');
			}`;
		for (const wanted of [1, 2, 3]) {
			const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] });
			let rounds = 0;
			for await (const chunk of child.stdout) {
				rounds += (chunk as Buffer).length;
				if (rounds >= wanted) break;
			}
			const exited = once(child, 'exit');
			child.kill('SIGKILL');
			await exited;
			t.is(parseStrictXml(readFileSync(path, 'utf8')).name, 'a');
		}
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
});

test('xmllint, where there is one, finds the file well-formed', (t) => {
	const xml = report(createSampleRun({ a: everyKind }, { ended: 'failed' }));
	if (spawnSync('xmllint', ['--version']).error) {
		t.log('xmllint is not on the PATH: only our own strict parser was asked');
		t.deepEqual(findReportFaults(xml), []);
		return;
	}
	t.notThrows(() => execFileSync('xmllint', ['--noout', '-'], { input: xml }));
});

test('a small run, in full', (t) => {
	const xml = report(
		createSampleRun({ 'power-loss': [{ title: 'cut at op 3', verdict: 'failed', detail: 'dev-1 runs <nothing>', steps: ['publish'] }] }, { ended: 'failed' }),
	);
	t.is(xml, readGolden());
});

/** Golden files are not compiled: they lie beside the sources, below the folder that holds package.json. */
const readGolden = (): string => {
	let folder = dirname(fileURLToPath(import.meta.url));
	while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
	return readFileSync(join(folder, 'reports', 'junit', 'golden.xml'), 'utf8');
};
