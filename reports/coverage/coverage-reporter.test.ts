import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { FAULT_CATALOGUE, UPDATE_PHASES } from '../../harness/faults/index.js';
import { createSampleRun } from '../record/sample-run.js';
import { openCoverageReporter } from './index.js';

test('coverage.json is whole after every case, and sums what all cases exercised', (t) => {
	const dir = mkdtempSync(join(tmpdir(), 'blackstart-coverage-'));
	t.teardown(() => rmSync(dir, { recursive: true, force: true }));
	const path = join(dir, 'coverage.json');
	const read = () => JSON.parse(readFileSync(path, 'utf8'));
	const reporter = openCoverageReporter({ path });
	const casesSeen: number[] = [];
	for (const [event, scenario] of createSampleRun({ a: [1, 2, 3].map((index) => ({ title: `${index}`, verdict: 'passed' })) })) {
		reporter.observe(event, scenario);
		if (event.kind === 'scenario-ended') casesSeen.push(read().rows[2].cases);
	}
	// The runner is gone here: nobody closes the reporter.
	t.deepEqual(casesSeen, [1, 2, 3]);
	const { phases, rows } = read();
	t.deepEqual(phases, UPDATE_PHASES);
	t.deepEqual(
		rows.map(({ id }: { readonly id: string }) => id),
		FAULT_CATALOGUE.map(({ id }) => id),
	);
	t.like(rows[2], {
		id: 'P3',
		status: 'exercised',
		phases: { downloading: 6, reporting: 3 },
		holes: ['idle', 'installing', 'booting', 'testing', 'recovering'],
		cases: 3,
	});
	t.like(rows[0], { id: 'P1', status: 'missed', phases: {}, cases: 0 });
	t.like(rows[7], { id: 'P8', status: 'unreachable', whyNot: FAULT_CATALOGUE[7]?.whyNot });
	reporter.close();
	t.deepEqual(read().rows, rows);
});
