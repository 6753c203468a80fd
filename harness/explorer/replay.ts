import type { Slot } from '../bootloader/index.js';
import { PowerLoss } from '../flash/index.js';
import type { CaseStep } from './case-steps.js';
import type { Break, KnownLimit } from './finding.js';
import type { Standing } from './node-table.js';
import type { Subject } from './subject.js';
import type { Operation } from './flash-watchers.js';
import { type Move, World, type WorldOptions } from './world.js';

/** A step as it went when it was done again. */
export interface ReplayedStep extends CaseStep {
	/** Every flash and counter operation, the one that power hit included. */
	readonly operations: readonly Operation[];
	/** What it came to: what ran, or that power went. */
	readonly outcome: string;
	readonly breaks: readonly ReplayedBreak[];
}

/** `limit`: the real bootloader breaks the promise there too. */
export type ReplayedBreak = Break & { readonly limit?: KnownLimit };

/**
 * Does the steps of a case again, one after the other, from the factory on. Throws a TypeError that names the step that
 * cannot be done: an application that cannot act because nothing runs, or an operation that does not come.
 */
export const replaySteps = (subject: Subject, options: WorldOptions & { readonly steps: readonly CaseStep[] }): readonly ReplayedStep[] =>
	replayIn(new World(subject, options), options.steps);

/** The same in a world that is there already. */
export const replayIn = (world: World, steps: readonly CaseStep[]): readonly ReplayedStep[] => {
	const replayed: ReplayedStep[] = [];
	let standing: Standing | null = world.start();
	let cuts = 0;
	const way: number[] = [];
	for (const [index, step] of steps.entries()) {
		if (standing === null) throw new TypeError(`steps: no step was expected after ${index}, nothing runs and nothing will; got ${step.step}`);
		const move: Move | undefined = world.movesFrom(standing).find((each) => each.step === step.step && each.readSeed === step.readSeed);
		if (move === undefined) throw new TypeError(`steps: step ${index + 1} cannot be done there: ${step.step}`);
		way.push(standing.state);
		const done = carryOut(world, { standing, step, move });
		const breaks =
			step.cut === undefined ? move.breaks.map((broken) => withLimit(world, { broken, standing: standing as Standing, cuts, way: () => way })) : [];
		replayed.push({ ...step, operations: done.operations, outcome: done.outcome, breaks });
		if (step.cut !== undefined) cuts++;
		standing = done.next;
	}
	return replayed;
};

const withLimit = (
	world: World,
	seen: { readonly broken: Break; readonly standing: Standing; readonly cuts: number; readonly way: () => readonly number[] },
): ReplayedBreak => {
	const limit = world.limitOf(seen.broken, seen);
	return limit === undefined ? seen.broken : { ...seen.broken, limit };
};

interface CarriedOut {
	readonly operations: readonly Operation[];
	readonly outcome: string;
	readonly next: Standing | null;
}

const carryOut = (world: World, what: { readonly standing: Standing; readonly step: CaseStep; readonly move: Move }): CarriedOut => {
	const { standing, step, move } = what;
	if (step.step === 'reset') return { operations: [], outcome: 'power goes', next: move.next };
	const { machine } = world;
	const { cut } = step;
	const running: Slot = standing.place === 'b' ? 'b' : 'a';
	const operations: Operation[] = [];
	machine.flash.watcher = {
		before: (operation) => {
			operations.push(operation.kind === 'program' ? { ...operation, bytes: operation.bytes.slice() } : operation);
			if (cut === undefined || cut.tear === 'after' || operations.length - 1 !== cut.operation) return;
			machine.torn.apply(operation, cut);
			throw new PowerLoss(cut.operation, 'cut');
		},
		after: () => {
			if (cut !== undefined && operations.length - 1 === cut.operation) throw new PowerLoss(cut.operation, 'cut');
		},
	};
	try {
		const outcome = machine.run(standing.state, { action: step.step, running, readSeed: step.readSeed });
		if (cut !== undefined) throw new TypeError(`steps: operation ${cut.operation} was expected in ${step.step}, it has ${operations.length}`);
		const ended =
			outcome.kind === 'runs' ? `image ${machine.imageIn(outcome.slot)} runs from slot ${outcome.slot}` : 'reason' in outcome ? outcome.reason : 'done';
		return { operations, outcome: ended.replace('image -1', 'no released image'), next: move.next };
	} catch (error) {
		if (!(error instanceof PowerLoss) || cut === undefined) throw error;
		const state = machine.intern();
		return {
			operations,
			outcome: `power goes at operation ${cut.operation}, ${cut.tear}`,
			next: { state, belief: beliefAfter(world, { move, state }), place: 'off' },
		};
	} finally {
		machine.flash.unwatch();
	}
};

const beliefAfter = (world: World, { move, state }: { readonly move: Move; readonly state: number }): number => {
	const { run } = move;
	if (run === null) return move.early;
	return world.runs.lists.has(world.runs.early(run), state) ? move.early : move.late;
};
