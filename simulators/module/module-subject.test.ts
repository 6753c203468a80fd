import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { findPackageRoot } from '../../harness/cli/package-root.js';
import { encodeSteps, replaySteps, type Subject, type TearLevel, traceFinding, Walk } from '../../harness/explorer/index.js';
import { assemble } from './assemble.test.support.js';
import { createModuleSubject, createSampleImages, ModuleError, parseLayout } from './index.js';

const FOLDER = join(findPackageRoot(), 'simulators/module');
const LAYOUT = parseLayout(readFileSync(join(FOLDER, 'sample/layout.yaml'), 'utf8'), { file: 'layout.yaml' });

const subjectOf = (module: Uint8Array, limits = LAYOUT.limits): Subject =>
	createModuleSubject('sample', { module, layout: { ...LAYOUT, limits }, ...createSampleImages() });

const sampleOf = (folder: string): Subject => subjectOf(readFileSync(join(FOLDER, folder, 'boot.wasm')));

const walk = (subject: Subject, tears: TearLevel, limits: { readonly states?: number; readonly depth?: number } = {}) => {
	const walked = new Walk(subject, { tears, seeds: 1, cycles: 'unlimited', limits });
	const result = walked.run();
	const findings = result.findings.map((finding) => ({
		class: finding.class,
		cuts: finding.cuts,
		detail: finding.detail,
		steps: traceFinding(walked, finding, { level: tears, seeds: 1 }),
	}));
	return { ...result, findings };
};

for (const tears of ['L0', 'L1'] as const) {
	test(`the sample is walked to closure at ${tears}, and nothing breaks it`, (t) => {
		const { end, findings, states } = walk(sampleOf('sample'), tears);
		t.is(end, 'closed');
		t.deepEqual(findings, []);
		t.true(states > 500, `${states} states`);
	});
}

const BROKEN: readonly { readonly folder: string; readonly class: string; readonly cuts: number; readonly shortest: string }[] = [
	{ folder: 'broken/record-before-image', class: 'boots-a-mix', cuts: 1, shortest: 'write-1,trial,reset,boot@7.after.0,boot' },
	{ folder: 'broken/single-record', class: 'never-boots', cuts: 1, shortest: 'write-1,trial,reset,boot@8.after.0,boot' },
	{ folder: 'broken/trial-cleared-early', class: 'unconfirmed-kept', cuts: 0, shortest: 'write-1,trial,reset,boot,reset,boot,reset,boot' },
];

for (const { folder, class: wanted, cuts, shortest } of BROKEN) {
	test(`${folder}: ${wanted} after ${cuts} power losses, by the shortest way, and again when it is replayed`, (t) => {
		const subject = sampleOf(folder);
		const { findings } = walk(subject, 'L0', { depth: 1 });
		const found = findings.find((finding) => finding.class === wanted);
		t.is(found?.cuts, cuts);
		t.is(encodeSteps(found?.steps ?? []), shortest);
		const replayed = replaySteps(subject, { tears: 'L0', seeds: 1, cycles: 'unlimited', steps: found?.steps ?? [] });
		t.true(replayed.some(({ breaks }) => breaks.some((broken) => broken.class === wanted)));
		const right = replaySteps(sampleOf('sample'), { tears: 'L0', seeds: 1, cycles: 'unlimited', steps: found?.steps ?? [] });
		t.deepEqual(
			right.flatMap(({ breaks }) => breaks),
			[],
			'the sample goes the same way unharmed',
		);
	});
}

test('two walks of one module come to the same, in the same order', (t) => {
	const once = () => walk(sampleOf('broken/single-record'), 'L0', { depth: 1 });
	t.deepEqual(once(), once());
});

const LOOPS_FOR_EVER = assemble({
	functions: [
		{ export: 'boot', results: 1, code: [0x03, 0x40, 0x0c, 0, 0x0b, 0x41, 0] },
		{ export: 'mark_pending', parameters: 2, results: 1, code: [0x41, 0] },
		{ export: 'confirm', results: 1, code: [0x41, 0] },
	],
});

test('a module whose boot never ends is a finding, and the walk has an end', (t) => {
	const { end, findings } = walk(subjectOf(LOOPS_FOR_EVER, { steps: 10_000, memoryBytes: 65_536 }), 'L0');
	t.is(end, 'closed');
	t.deepEqual(
		findings.map((finding) => [finding.class, finding.detail, encodeSteps(finding.steps)]),
		[['endless-loop', '10000 steps and no end', 'reset,boot']],
	);
});

test('a module that returns what is in no header traps', (t) => {
	const strange = assemble({
		functions: [
			{ export: 'boot', results: 1, code: [0x41, 7] },
			{ export: 'mark_pending', parameters: 2, results: 1, code: [0x41, 0] },
			{ export: 'confirm', results: 1, code: [0x41, 0x60] },
		],
	});
	const { findings } = walk(subjectOf(strange), 'L0');
	t.deepEqual(
		findings.map((finding) => [finding.class, finding.detail]),
		[['trap', 'confirm: TypeError: confirm(): OK or a refusal of blackstart.h was expected, got -32']],
	);
});

test('a module that cannot be asked for an update is refused', (t) => {
	const mute = assemble({ functions: [{ export: 'boot', results: 1, code: [0x41, 0] }] });
	t.throws(() => subjectOf(mute), { instanceOf: ModuleError, message: /an export mark_pending was expected/ });
});

test('an image that its slot does not hold is refused by its end of the update', (t) => {
	const { from } = createSampleImages();
	const module = readFileSync(join(FOLDER, 'sample/boot.wasm'));
	t.throws(() => createModuleSubject('sample', { module, layout: LAYOUT, from, to: new Uint8Array(4097) }), {
		instanceOf: RangeError,
		message: 'to: 1 to 4096 bytes were expected, as the slots hold, got 4097',
	});
});
