import test from 'ava';
import { createSingleRecordBootloader } from '../../simulators/museum/parts/bootloaders.js';
import { BOOTLOADERS, buildSubject } from '../cli/explore/index.js';
import { countDepths, mapCuts, measureUptime, type Subject, Walk, WALK_DEFAULTS } from './index.js';

const subjectOf = (name: string): Subject => {
	const bootloader = BOOTLOADERS.find((each) => each.name === name);
	if (bootloader === undefined) throw new RangeError(name);
	return buildSubject(bootloader, { part: { sectors: 6, sectorSizeBytes: 4096, writeSizeBytes: 8 }, images: 'old-fills' });
};

const walkOf = (subject: Subject): Walk => new Walk(subject, WALK_DEFAULTS);

test('every state and situation of a walk has its depth', (t) => {
	const walk = walkOf(subjectOf('mcuboot-overwrite'));
	walk.run();
	const depths = countDepths(walk.nodes);
	const { states, nodes, depth } = walk.result('closed');
	const sum = (of: 'states' | 'situations') => depths.reduce((total, one) => total + one[of], 0);
	t.deepEqual([sum('states'), sum('situations'), depths.at(-1)?.cuts], [states, nodes, depth]);
	t.true((depths[0]?.states ?? 0) > 1);
});

test('a map of cuts has a row for each operation and tear of an update and its return, and says what runs after each', (t) => {
	const ladder = { level: 'L1', seeds: 1 } as const;
	const rows = mapCuts(walkOf(subjectOf('mcuboot-swap-move')).world, ladder);
	t.deepEqual([...new Set(rows.map(({ phase }) => phase))], ['write', 'request', 'update', 'return']);
	const update = rows.filter(({ phase }) => phase === 'update');
	const torn = new Set(update.filter(({ operationKind }) => operationKind === 'program').map(({ tear }) => tear));
	t.deepEqual(torn, new Set(['half', 'prefix', 'after']));
	const operations = 1 + Math.max(...update.map(({ operation }) => operation));
	t.deepEqual(new Set(update.map(({ operation }) => operation)), new Set(Array.from({ length: operations }, (_, index) => index)));
	t.true(update.every(({ operation, outcomes }) => operation === operations - 1 || outcomes['image-1'] === 1));
	t.deepEqual(update.at(-1)?.outcomes, { 'image-0': 1 });
	t.true(rows.filter(({ phase }) => phase === 'return').every(({ outcomes }) => outcomes['image-0'] === 1));
	const right = subjectOf('ab');
	const settings = { trialBoots: 2, verifyEveryBoot: true };
	const wrong: Subject = { ...right, create: (parts) => createSingleRecordBootloader({ ...parts, layout: right.layout, settings }, 'ab') };
	t.true(mapCuts(walkOf(wrong).world, { ...ladder, level: 'L0' }).some(({ outcomes }) => outcomes.none === 1));
});

test('a swap gets on in small steps; overwriting only where power stays for the whole copy', (t) => {
	const [update, back] = measureUptime(walkOf(subjectOf('mcuboot-swap-scratch')).world);
	t.is(update?.phase, 'update');
	t.is(back?.phase, 'return');
	t.true((update?.leastUptime ?? 0) > 1 && 2 * (update?.leastUptime ?? 0) < (update?.operations ?? 0), JSON.stringify(update));
	t.true((update?.boots ?? 0) > 2);
	const [copy, ...others] = measureUptime(walkOf(subjectOf('mcuboot-overwrite')).world);
	t.deepEqual(others, []);
	t.true((copy?.leastUptime ?? 0) >= (copy?.operations ?? 0) - 1, JSON.stringify(copy));
});
