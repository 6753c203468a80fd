import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { BlackstartEvent, Verdict } from '../../../events/index.js';
import { encodeEvent } from '../../../events/index.js';
import { makeFolder, readEvents } from '../../blackstart.test.support.js';
import { UsageError } from '../../usage-error.js';
import { mergeCommand } from './merge-command.js';

interface CellSetup {
	readonly seed?: string;
	readonly cell?: string;
	/** Verdict of the second case here. */
	readonly verdict?: 'passed' | 'failed' | 'inconclusive';
	readonly fired?: number;
	readonly ends?: boolean;
}

const TITLES = ['holds', 'may break', 'devices meet'];

/** What a cell of a fleet of two devices a case leaves: `d-<index>` is its own. */
const describeCell = (
	index: number,
	{ seed = '7', cell = `${index}/2`, verdict = 'passed', fired = 1, ends = true }: CellSetup,
): readonly BlackstartEvent[] => {
	const scenario = 's';
	const options = { devices: 2, reduction: `cell=${cell}` };
	const play = (title: string, ended: 'passed' | 'failed' | 'inconclusive'): readonly BlackstartEvent[] => [
		{ kind: 'scenario-started', scenario, title, target: 't', seed, options },
		{ kind: 'run-case', scenario, title, case: `s/x:seed=${seed}:devices=2:cell=${cell}` },
		{ kind: 'world-opened', at: 0, seed, devices: 2, options: {} },
		{ kind: 'fault-armed', at: 0, fault: 'packet-loss' },
		{ kind: 'device-state', at: 1, device: `d-${index}`, state: 'idle' },
		{ kind: 'scenario-evidence', name: 'devices updated', value: 1 },
		{ kind: 'scenario-step', at: 2, text: 'told once' },
		{ kind: 'device-final', device: `d-${index}`, version: '2.0.0', outcome: 'updated' },
		{ kind: 'invariant-judged', invariant: 'whole', checks: 3, violations: ended === 'failed' ? [{ at: 1, message: 'no' }] : [] },
		{ kind: 'fault-coverage', rows: [{ row: 'N1', phases: { downloading: 2 } }] },
		{
			kind: 'scenario-ended',
			scenario,
			title,
			verdict: ended,
			...(ended === 'passed' ? {} : { reason: 'why' }),
			faults: [{ fault: 'packet-loss', armed: 1, fired }],
			virtualMs: 10 + index,
		},
	];
	return [
		{ kind: 'run-started', id: 'x', startedAt: '2026-01-01T00:00:00.000Z', seed, options, versions: { blackstart: '1' }, scenarios: [scenario] },
		{ kind: 'scenario-registered', scenario, titles: TITLES },
		{ kind: 'scenario-skipped', scenario, title: 'devices meet', target: 'none', reason: 'they meet' },
		...play('holds', 'passed'),
		...play('may break', verdict),
		...(ends ? [{ kind: 'run-ended', verdict, wallMs: 5, exitCode: 0 } as const] : []),
	];
};

interface Merged {
	readonly exitCode: number;
	readonly events: readonly BlackstartEvent[];
	readonly printed: string;
}

const merge = async (t: ExecutionContext, cells: readonly CellSetup[]): Promise<Merged> => {
	const folder = makeFolder(t, {});
	const dirs = cells.map((setup, index) => {
		mkdirSync(join(folder, `cell-${index}`));
		writeFileSync(join(folder, `cell-${index}`, 'events.jsonl'), describeCell(index, setup).map(encodeEvent).join(''));
		return `cell-${index}`;
	});
	let printed = '';
	const exitCode = await mergeCommand({ dirs, out: 'merged' }, { directory: folder, print: (text) => (printed += text) });
	return { exitCode, events: readEvents(join(folder, 'merged')), printed };
};

const endsOf = (events: readonly BlackstartEvent[]) => events.flatMap((event) => (event.kind === 'scenario-ended' ? [event] : []));

test('cells are joined into one run: devices of all, sums, what is of the fleet once', async (t) => {
	const { exitCode, events, printed } = await merge(t, [{}, {}]);
	t.is(exitCode, 0);
	t.regex(printed, /^PASSED: .*\n3 cases in 1 scenario files: 2 passed, 1 skipped/);
	const kinds = (kind: string): number => events.filter((event) => event.kind === kind).length;
	t.deepEqual(['device-final', 'world-opened', 'scenario-step', 'scenario-started', 'scenario-skipped', 'run-ended'].map(kinds), [4, 2, 2, 2, 1, 1]);
	t.like(
		events.find(({ kind }) => kind === 'scenario-evidence'),
		{ value: 2 },
	);
	t.like(
		events.find(({ kind }) => kind === 'invariant-judged'),
		{ checks: 6 },
	);
	t.like(
		events.find(({ kind }) => kind === 'fault-coverage'),
		{ rows: [{ row: 'N1', phases: { downloading: 4 } }] },
	);
	t.like(
		events.find(({ kind }) => kind === 'run-case'),
		{ case: 's/x:seed=7:devices=2' },
	);
	t.deepEqual(endsOf(events)[0]?.faults, [{ fault: 'packet-loss', armed: 2, fired: 2 }]);
	t.is(endsOf(events)[0]?.virtualMs, 11);
});

const ROWS: readonly { readonly cells: readonly CellSetup[]; readonly exitCode: number; readonly reason?: RegExp; readonly verdict: Verdict }[] = [
	{ cells: [{}, { verdict: 'failed' }], exitCode: 1, verdict: 'failed', reason: /^cell 1\/2: why$/ },
	{ cells: [{ verdict: 'inconclusive' }, {}], exitCode: 4, verdict: 'inconclusive', reason: /^cell 0\/2: why$/ },
	{ cells: [{ fired: 0 }, { fired: 1 }], exitCode: 0, verdict: 'passed' },
	{ cells: [{ fired: 0 }, { fired: 0 }], exitCode: 4, verdict: 'inconclusive', reason: /no evidence in any cell: packet-loss/ },
	{ cells: [{}, { ends: false }], exitCode: 3, verdict: 'passed' },
];

for (const { cells, exitCode, verdict, reason } of ROWS) {
	test(`cells ${JSON.stringify(cells)} come to ${verdict} and exit code ${exitCode}`, async (t) => {
		const merged = await merge(t, cells);
		t.is(merged.exitCode, exitCode);
		const end = endsOf(merged.events)[1];
		t.is(end?.verdict, verdict);
		if (reason) t.regex(end?.reason ?? '', reason);
		if (verdict === 'failed') t.regex(JSON.stringify(merged.events.filter(({ kind }) => kind === 'run-case')[1]), /cell=1\/2/, 'the failing cell is replayed');
	});
}

test('cells of two fleets, a cell that is missing or there twice, and a whole fleet are refused', async (t) => {
	const refuse = async (cells: readonly CellSetup[]): Promise<string> => (await t.throwsAsync(merge(t, cells), { instanceOf: UsageError })).message;
	t.regex(await refuse([{}, { seed: '8' }]), /cells of one fleet were expected.*seed 7.*seed 8/);
	t.regex(await refuse([{}]), /all 2 cells were expected, missing: 1\/2/);
	t.regex(await refuse([{}, { cell: '0/2' }]), /0\/2 is there twice/);
	t.regex(await refuse([{}, { cell: 'none' }]), /a run of one cell was expected/);
});
