import type { Slot } from '../bootloader/index.js';
import type { CutMapRow, CutOutcome } from '../events/index.js';
import type { Action, Step } from './machine.js';
import { type Tear, type TearLevel, tearsOf } from './tear-ladder.js';
import type { Operation } from './flash-watchers.js';
import type { World } from './world.js';

/** Boots that a device gets to come to rest, and that an unconfirmed trial gets to be given back. */
const MOST_BOOTS = 8;

/**
 * What power that goes at each operation of one plain update leads to: the second image is written, asked for on trial,
 * taken, and, as nobody confirms it, given back where the bootloader does that. Counts what runs once power is stable.
 */
export const mapCuts = (world: World, ladder: { readonly level: TearLevel; readonly seeds: number }): readonly CutMapRow[] => {
	const rows: CutMapRow[] = [];
	let state = world.start().state;
	let running: Slot = 'a';
	const take = (step: Action, phase: CutMapRow['phase']): boolean => {
		const taken = mapStep(world, { state, running, step, phase, ladder });
		rows.push(...taken.rows);
		state = taken.state;
		const { outcome } = taken;
		if (outcome.kind === 'runs') running = outcome.slot;
		return outcome.kind === 'runs' || outcome.kind === 'done';
	};
	if (!take('erase', 'write') || !take('write-1', 'write') || !take('trial', 'request') || !take('boot', 'update')) return rows;
	for (let boots = 1; boots < MOST_BOOTS && imageAt(world, { state, slot: running }) === 1; boots++) if (!take('boot', 'return')) break;
	return rows;
};

const mapStep = (
	world: World,
	what: {
		readonly state: number;
		readonly running: Slot;
		readonly step: Action;
		readonly phase: CutMapRow['phase'];
		readonly ladder: { readonly level: TearLevel; readonly seeds: number };
	},
) => {
	const { machine } = world;
	const { flash, torn } = machine;
	const cuts: { readonly operation: number; readonly kind: Operation['kind']; readonly tear: Tear['tear']; readonly state: number }[] = [];
	let kind: Operation['kind'] = 'program';
	let operation = 0;
	flash.watcher = {
		before: (next) => {
			kind = next.kind;
			const saved = flash.save(next);
			for (const tear of tearsOf(kind, what.ladder)) {
				torn.apply(next, tear);
				cuts.push({ operation, kind, tear: tear.tear, state: machine.intern() });
				flash.contents.restore(saved);
			}
		},
		after: () => {
			cuts.push({ operation, kind, tear: 'after', state: machine.intern() });
			operation++;
		},
	};
	const outcome = machine.run(what.state, { action: what.step, running: what.running });
	flash.unwatch();
	const state = machine.intern();
	// It has no last operation to map.
	if (outcome.kind === 'endless') return { outcome, state, rows: [] };
	return { outcome, state, rows: countRows(world, { step: what.step, phase: what.phase, cuts }) };
};

const countRows = (
	world: World,
	seen: {
		readonly step: Step;
		readonly phase: CutMapRow['phase'];
		readonly cuts: readonly { readonly operation: number; readonly kind: Operation['kind']; readonly tear: Tear['tear']; readonly state: number }[];
	},
): readonly CutMapRow[] => {
	const rows = new Map<string, { readonly row: Omit<CutMapRow, 'outcomes'>; readonly outcomes: Partial<Record<CutOutcome, number>> }>();
	for (const { operation, kind, tear, state } of seen.cuts) {
		const key = `${operation} ${tear}`;
		const known = rows.get(key) ?? { row: { phase: seen.phase, step: seen.step, operation, operationKind: kind, tear }, outcomes: {} };
		rows.set(key, known);
		const outcome = comesTo(world, state);
		known.outcomes[outcome] = (known.outcomes[outcome] ?? 0) + 1;
	}
	return [...rows.values()].map(({ row, outcomes }) => ({ ...row, outcomes }));
};

/** What runs at last, power being stable. */
const comesTo = (world: World, cut: number): CutOutcome => {
	let state = cut;
	for (let boots = 0; boots < MOST_BOOTS; boots++) {
		const run = world.runs.run(state, { action: 'boot', running: 'a', readSeed: 0 });
		if (run.outcome === 'trap' || run.outcome === 'endless') return run.outcome;
		if (run.outcome === 'runs-a' || run.outcome === 'runs-b') {
			const image = imageAt(world, { state: run.end, slot: run.outcome === 'runs-a' ? 'a' : 'b' });
			return image < 0 ? 'mix' : `image-${image}`;
		}
		if (run.end === state) return 'none';
		state = run.end;
	}
	return 'none';
};

const imageAt = (world: World, { state, slot }: { readonly state: number; readonly slot: Slot }): number => {
	world.machine.states.load(state);
	return world.machine.imageIn(slot);
};
