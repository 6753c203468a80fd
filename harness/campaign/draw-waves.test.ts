import test from 'ava';
import { createRandom } from '../time/index.js';
import type { InventoryEntry } from './campaign-service.js';
import { drawWaves } from './draw-waves.js';

/** 90 of hw-a, 9 of hw-b and 1 of hw-c. */
const FLEET: readonly InventoryEntry[] = Array.from({ length: 100 }, (_, index) => ({
	device: `d-${index}`,
	hardware: index === 99 ? 'hw-c' : index >= 90 ? 'hw-b' : 'hw-a',
	version: '1',
}));

const hardwareOf = (device: string): string => FLEET.find((entry) => entry.device === device)?.hardware ?? '';

for (const seed of ['1', '2', '3', '4', '5']) {
	test(`each hardware revision is in a pilot of three, and every device in one wave: seed ${seed}`, (t) => {
		const waves = drawWaves(FLEET, { sizes: [3, 20, 77], random: createRandom(seed) });
		t.deepEqual(waves[0]?.map(hardwareOf).sort(), ['hw-a', 'hw-b', 'hw-c']);
		t.deepEqual(
			waves.map(({ length }) => length),
			[3, 20, 77],
		);
		t.is(new Set(waves.flat()).size, 100);
	});
}

test('a pilot smaller than the number of revisions holds as many of them as it can', (t) => {
	const [pilot] = drawWaves(FLEET, { sizes: [2, 98], random: createRandom('1') });
	t.is(new Set(pilot?.map(hardwareOf)).size, 2);
});

test('the draw depends on the seed and on nothing else', (t) => {
	const draw = (seed: string, fleet: readonly InventoryEntry[]): unknown => drawWaves(fleet, { sizes: [10, 90], random: createRandom(seed) });
	t.deepEqual(draw('1', FLEET), draw('1', [...FLEET].reverse()));
	t.notDeepEqual(draw('1', FLEET), draw('2', FLEET));
});
