import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { askBlackstart, makeFolder, readVerdicts } from '../blackstart.test.support.js';
import { BOOTLOADERS } from './bootloaders.js';
import { IMAGE_SHAPES } from './build-subject.js';
import { sweepCells, titleOfCell } from './sweep-grid.js';

test.serial('a grid has every bootloader with every shape of images, every size of writes, and no cell twice', (t) => {
	const cells = sweepCells();
	t.is(new Set(cells.map(titleOfCell)).size, cells.length);
	for (const { name } of BOOTLOADERS) {
		const own = cells.filter(({ bootloader }) => bootloader.name === name);
		t.true(IMAGE_SHAPES.every((shape) => own.some(({ images }) => images === shape)));
		t.true([1, 2, 4, 8, 16, 32].every((size) => own.some(({ part }) => part.writeSizeBytes === size)));
		t.true(own.some(({ part: { sectorSizeBytes, moreSectors = [] } }) => moreSectors.some(({ sizeBytes }) => sizeBytes > sectorSizeBytes)));
		t.true(own.some(({ part: { sectorSizeBytes, moreSectors = [] } }) => moreSectors.some(({ sizeBytes }) => sizeBytes < sectorSizeBytes)));
		t.true(own.some(({ part }) => part.writeOnce));
	}
});

test.serial('a sweep has a case for each cell; a limit counts for each, and ends in no proof', async (t) => {
	const folder = makeFolder(t, {});
	const { exitCode, stdout, stderr } = await askBlackstart(folder, [
		...['explore', '--sweep', '--bootloader', 'mcuboot-overwrite', '--max-states', '30', '--json', '--out', 'run'],
	]);
	t.is(exitCode, 4, stderr);
	const wanted = sweepCells(BOOTLOADERS.filter(({ name }) => name === 'mcuboot-overwrite'));
	const { cells } = JSON.parse(stdout) as { readonly cells: readonly { readonly end?: string; readonly skipped?: string; readonly images: string }[] };
	t.is(cells.length, wanted.length);
	t.is(cells.filter(({ end }) => end === 'states').length, wanted.length);
	t.regex(stderr, new RegExp(`^sweep: ${wanted.length} cells, 0 closed, ${wanted.length} NOT closed, 0 with findings, 0 skipped$`, 'm'));
	const verdicts = Object.values(readVerdicts(join(folder, 'run')));
	t.is(verdicts.length, wanted.length);
	t.is(verdicts.filter((verdict) => verdict.startsWith('inconclusive: NOT closed')).length, wanted.length);
	t.regex(readFileSync(join(folder, 'run', 'junit.xml'), 'utf8'), new RegExp(`tests="${wanted.length}"`));
});

test.serial('a cell with a finding is exit code 1, and its case replays', async (t) => {
	const folder = makeFolder(t, {});
	const { exitCode, stdout } = await askBlackstart(folder, [
		...['explore', '--sweep', '--bootloader', 'esp-otadata', '--strict', '--depth', '1', '--max-states', '150', '--json'],
	]);
	t.is(exitCode, 1);
	const { cells } = JSON.parse(stdout) as { readonly cells: readonly { readonly findings?: readonly { readonly case: string }[] }[] };
	const found = cells.flatMap(({ findings = [] }) => findings);
	t.true(found.length > 0);
	t.is((await askBlackstart(folder, ['replay', found[0]?.case ?? ''])).exitCode, 1);
});
