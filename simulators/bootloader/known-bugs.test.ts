import test from 'ava';
import { BOOTLOADERS, buildSubject } from '../../harness/cli/explore/index.js';
import {
	countCuts,
	type Finding,
	replaySteps,
	type Subject,
	TEAR_LEVELS,
	type TearLevel,
	traceFinding,
	Walk,
	WALK_DEFAULTS,
} from '../../harness/explorer/index.js';
import { createAbBootloader } from './ab-bootloader.js';
import type { BootloaderOptions } from './bootloader-options.js';
import { createEspBootloader } from './esp/index.js';
import { BOOTLOADER_NAMES, type Bootloader } from './index.js';
import { KNOWN_BUGS, type KnownBug } from './known-bugs.test.support.js';
import { createMcuboot } from './mcuboot/index.js';

const createWrong = (bug: KnownBug, options: BootloaderOptions): Bootloader => {
	if (bug.bootloader === 'ab') return createAbBootloader({ ...options, rules: bug.rules });
	if (bug.bootloader === 'esp-otadata') return createEspBootloader({ ...options, rules: bug.rules });
	return createMcuboot(bug.bootloader, { ...options, rules: bug.rules });
};

const rightOf = ({ bootloader }: KnownBug) => BOOTLOADERS.find(({ name }) => name === bootloader) as (typeof BOOTLOADERS)[number];

/** Depths aside, a budget keeps the levels that do not close short; breadth first, so that it costs no cut. */
const MOST_STATES = 3_000;

const walkOf = (subject: Subject, how: { readonly tears: TearLevel; readonly depth: number }): Walk =>
	new Walk(subject, { ...WALK_DEFAULTS, tears: how.tears, cycles: 1, limits: { depth: how.depth, states: MOST_STATES } });

const isFinding = ({ limit }: Finding): boolean => limit === undefined;

for (const bug of KNOWN_BUGS) {
	const { what, from, bootloader, part, images, tears, cuts } = bug;
	const level = TEAR_LEVELS.indexOf(tears);
	test(`${bootloader}: ${what} (${from}): ${bug.class} at ${tears}, after ${cuts} power losses and not before`, (t) => {
		const right = buildSubject(rightOf(bug), { part, images });
		const wrong = buildSubject({ ...rightOf(bug), create: (options) => createWrong(bug, options) }, { part, images });

		const walk = walkOf(wrong, { tears, depth: cuts });
		const finding = walk.run().findings.find((each) => isFinding(each) && each.class === bug.class);
		if (finding === undefined) return t.fail(`no finding of class ${bug.class}`);
		const steps = traceFinding(walk, finding, { level: tears, seeds: WALK_DEFAULTS.seeds });
		t.deepEqual([finding.cuts, countCuts(steps)], [cuts, cuts]);

		const below =
			cuts > 0 && level === 0
				? walkOf(wrong, { tears, depth: cuts - 1 })
				: level > 0
					? walkOf(wrong, { tears: TEAR_LEVELS[level - 1] as TearLevel, depth: cuts })
					: null;
		if (below !== null) t.deepEqual(below.run().findings.filter(isFinding), []);

		t.deepEqual(walkOf(right, { tears, depth: cuts }).run().findings.filter(isFinding), []);
		const seen = (subject: Subject) =>
			replaySteps(subject, { ...WALK_DEFAULTS, tears, cycles: 1, steps }).flatMap(({ breaks }) => breaks.map((broken) => broken.class));
		t.is(seen(wrong).at(-1), bug.class);
	});
}

test('each of our bootloaders has a known bug, and there are at least twelve', (t) => {
	t.deepEqual([...new Set(KNOWN_BUGS.map(({ bootloader }) => bootloader))].sort(), [...BOOTLOADER_NAMES].sort());
	t.true(KNOWN_BUGS.length >= 12);
});
