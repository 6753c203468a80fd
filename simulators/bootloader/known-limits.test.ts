import { readFileSync } from 'node:fs';
import test from 'ava';
import { BOOTLOADERS } from '../../harness/cli/explore/index.js';
import { parseExplorerCase } from '../../harness/cli/explore/explorer-case.js';
import { buildTarget, sayPart } from '../../harness/cli/explore/target.js';
import { countCuts, replaySteps, Walk, WALK_DEFAULTS } from '../../harness/explorer/index.js';
import { buildSubject } from '../../harness/cli/explore/build-subject.js';
import { BOOTLOADER_NAMES, KNOWN_LIMITS } from './index.js';

const FOLDER = new URL('../../../simulators/bootloader/', import.meta.url);
const readText = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');

interface Row {
	readonly name: string;
	readonly bootloaders: readonly string[];
	readonly level: string;
	readonly seenBy: string;
}

/** The table of what the real ones do not promise. */
const ROWS: readonly Row[] = readText('README.md')
	.split('\n')
	.map((line) => /^\| ([a-z-]+) \| ([a-z, -]+) \| (L\d) \| (walk|test) \|/.exec(line))
	.flatMap((found) => (found === null ? [] : [found]))
	.map(([, name = '', bootloaders = '', level = '', seenBy = '']) => ({ name, bootloaders: bootloaders.split(', '), level, seenBy }));

const COUNTEREXAMPLES = [...readText('counterexamples.md').matchAll(/^- ([a-z-]+): `(explore\/([a-z-]+):.+)`$/gm)].map(
	([, limit = '', line = '', bootloader = '']) => ({
		limit,
		line,
		bootloader,
	}),
);

const LIMITS = BOOTLOADER_NAMES.flatMap((bootloader) => KNOWN_LIMITS[bootloader].map((limit) => ({ bootloader, limit })));
const shortName = (bootloader: string): string => bootloader.replace('mcuboot-', '');

test('the table of known limits says what the walk goes by: names, bootloaders and levels', (t) => {
	const told = ROWS.filter(({ seenBy }) => seenBy === 'walk').flatMap(({ name, bootloaders, level }) => bootloaders.map((each) => `${each} ${name} ${level}`));
	const kept = LIMITS.map(({ bootloader, limit }) => `${shortName(bootloader)} ${limit.name} ${limit.level ?? 'L0'}`);
	t.deepEqual([...told].sort(), [...kept].sort());
	t.true(ROWS.some(({ seenBy }) => seenBy === 'test'));
});

test('every known limit has one counterexample', (t) => {
	const told = COUNTEREXAMPLES.map(({ bootloader, limit }) => `${bootloader} ${limit}`);
	t.deepEqual([...told].sort(), LIMITS.map(({ bootloader, limit }) => `${bootloader} ${limit.name}`).sort());
});

for (const { bootloader, limit: name, line } of COUNTEREXAMPLES) {
	test(`the counterexample ends in the limit, and in nothing that is none: ${bootloader}, ${name}`, (t) => {
		const one = parseExplorerCase(line);
		const subject = buildTarget(one, { directory: '.' });
		const replayed = replaySteps(subject, { tears: one.tears, cycles: one.cycles, seeds: one.seeds, steps: one.steps });
		const breaks = replayed.flatMap((step) => step.breaks);
		t.is(replayed.at(-1)?.breaks.at(-1)?.limit?.name, name);
		t.true(breaks.every(({ limit }) => limit !== undefined));
		const limit = subject.knownLimits.find((each) => each.name === name);
		t.true(countCuts(one.steps) >= (limit?.leastCuts ?? 0));
		const strict = replaySteps({ ...subject, knownLimits: [] }, { tears: one.tears, cycles: one.cycles, seeds: one.seeds, steps: one.steps });
		t.true(strict.at(-1)?.breaks.every(({ limit: none }) => none === undefined));
	});
}

/** What comes after a limit falls under one too. */
const AFTER: readonly { readonly steps: string; readonly part: string; readonly images: string; readonly ends: readonly (readonly [string, string])[] }[] = [
	{
		part: 'sectors=4:sector-size=4096',
		images: 'much-shorter',
		steps: 'write-1,trial,permanent,reset,boot@29.after.0,boot,reset,boot,write-0,reset,boot',
		ends: [['never-boots', 'rewritten-on-trial']],
	},
	{
		part: 'sectors=14:sector-size=512',
		images: 'much-shorter',
		steps: 'write-1,trial,permanent,reset,boot@49.after.0,boot,reset,boot,write-0,reset,boot',
		ends: [['never-boots', 'rewritten-on-trial']],
	},
	{
		part: 'sectors=4:sector-size=4096',
		images: 'three-releases',
		steps:
			'write-1,trial,erase,write-1,permanent,reset,boot,erase,write-2,erase,write-0@2.after.0,boot,trial@0.after.0,boot,confirm,erase,write-2,trial,reset,boot@29.after.0,boot,reset,boot',
		ends: [['old-image-lost', 'skipped-last-sector']],
	},
];

for (const { part, images, steps, ends } of AFTER) {
	test(`what follows from a limit of swap-offset falls under one: ${part}, ${images}, ${steps}`, (t) => {
		const one = parseExplorerCase(`explore/mcuboot-swap-offset:${part}:write-size=8:images=${images}:tears=L0:cycles=unlimited:steps=${steps}`);
		const replayed = replaySteps(buildTarget(one, { directory: '.' }), { tears: one.tears, cycles: one.cycles, seeds: one.seeds, steps: one.steps });
		t.deepEqual(
			replayed.flatMap((step) => step.breaks).map(({ class: kind, limit }) => [kind, limit?.name ?? '']),
			ends.map((end) => [...end]),
		);
	});
}

/** Levels that are walked to closure, on parts and with images that suit what went wrong before. */
const CLEAN = [
	{ names: BOOTLOADER_NAMES, tears: 'L1', images: 'old-fills', part: { sectors: 4, sectorSizeBytes: 4096, writeSizeBytes: 8 }, cycles: 1 },
	{
		names: ['mcuboot-swap-move', 'mcuboot-overwrite'],
		tears: 'L1',
		images: 'new-fills',
		part: { sectors: 8, sectorSizeBytes: 1024, writeSizeBytes: 8 },
		cycles: 1,
	},
	{ names: ['mcuboot-swap-scratch'], tears: 'L1', images: 'tlvs-across', part: { sectors: 8, sectorSizeBytes: 1024, writeSizeBytes: 8 }, cycles: 1 },
	{ names: ['mcuboot-swap-offset'], tears: 'L1', images: 'much-shorter', part: { sectors: 4, sectorSizeBytes: 4096, writeSizeBytes: 32 }, cycles: 1 },
	{
		names: ['mcuboot-swap-scratch'],
		tears: 'L1',
		images: 'one-sector',
		part: { sectors: 3, sectorSizeBytes: 4096, writeSizeBytes: 1 },
		cycles: 1,
	},
	{ names: BOOTLOADER_NAMES, tears: 'L0', images: 'rising-counter', part: { sectors: 4, sectorSizeBytes: 4096, writeSizeBytes: 8 }, cycles: 1 },
	{ names: BOOTLOADER_NAMES, tears: 'L0', images: 'padded-primary', part: { sectors: 4, sectorSizeBytes: 4096, writeSizeBytes: 8 }, cycles: 1 },
	{ names: BOOTLOADER_NAMES, tears: 'L0', images: 'confirmed-primary', part: { sectors: 14, sectorSizeBytes: 512, writeSizeBytes: 8 }, cycles: 1 },
	{ names: BOOTLOADER_NAMES, tears: 'L0', images: 'old-fills', part: { sectors: 4, sectorSizeBytes: 4096, writeSizeBytes: 8, writeOnce: true }, cycles: 1 },
	{ names: ['ab'], tears: 'L1', images: 'old-fills', part: { sectors: 2, sectorSizeBytes: 512, writeSizeBytes: 8, writeOnce: true }, cycles: 1 },
	{
		names: BOOTLOADER_NAMES,
		tears: 'L0',
		images: 'new-fills',
		part: { sectors: 3, sectorSizeBytes: 4096, moreSectors: [{ count: 1, sizeBytes: 8192 }], writeSizeBytes: 8 },
		cycles: 1,
	},
	{ names: ['ab', 'mcuboot-swap-move'], tears: 'L0', images: 'three-releases', part: { sectors: 4, sectorSizeBytes: 4096, writeSizeBytes: 8 }, cycles: 1 },
	{
		names: ['esp-otadata', 'mcuboot-swap-move', 'mcuboot-swap-offset'],
		tears: 'L0',
		images: 'tampered',
		part: { sectors: 4, sectorSizeBytes: 4096, writeSizeBytes: 8 },
		cycles: 1,
	},
] as const;

for (const { names, tears, images, part, cycles } of CLEAN) {
	for (const name of names) {
		test(`${name} is closed at ${tears}, and breaks nothing that the real one does not: ${images}, ${sayPart(part)}, writes of ${part.writeSizeBytes}`, (t) => {
			const bootloader = BOOTLOADERS.find((each) => each.name === name) as (typeof BOOTLOADERS)[number];
			const { end, findings } = new Walk(buildSubject(bootloader, { part, images }), { ...WALK_DEFAULTS, tears, cycles }).run();
			t.deepEqual([end, findings.filter(({ limit }) => limit === undefined)], ['closed', []]);
		});
	}
}

const BUDGET = { states: 1_500 };

for (const name of BOOTLOADER_NAMES) {
	for (const tears of ['L2', 'L3', 'L4'] as const) {
		test(`${name} breaks nothing that the real one does not in the first ${BUDGET.states} states at ${tears}`, (t) => {
			const bootloader = BOOTLOADERS.find((each) => each.name === name) as (typeof BOOTLOADERS)[number];
			const subject = buildSubject(bootloader, { part: { sectors: 4, sectorSizeBytes: 4096, writeSizeBytes: 8 }, images: 'old-fills' });
			const { findings, cuts } = new Walk(subject, { ...WALK_DEFAULTS, tears, cycles: 1, limits: BUDGET }).run();
			t.deepEqual(
				findings.filter(({ limit }) => limit === undefined),
				[],
			);
			t.true(cuts > BUDGET.states);
			if (name === 'ab') t.deepEqual(findings, []);
		});
	}
}
