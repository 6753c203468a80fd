import { type CaseStep, countCuts } from './case-steps.js';
import { replayIn } from './replay.js';
import { milderCuts, type Size, smallestFirst } from './smaller.js';
import type { Subject } from './subject.js';
import { CUT_TEARS } from './tear-ladder.js';
import { World, type WorldOptions } from './world.js';

export interface ShrunkSteps {
	readonly steps: readonly CaseStep[];
	/** Ways that were tried. */
	readonly tried: number;
	/** True: no smaller one of those it knows to try breaks the same; false: it ran out of time. */
	readonly isMinimal: boolean;
}

/**
 * A way with fewer power losses, then milder tears, then fewer steps, that ends in the same break of the same limit. Null: the
 * way given breaks nothing. `goesOn`: asked before each try.
 */
export const shrinkSteps = (
	subject: Subject,
	options: WorldOptions & { readonly steps: readonly CaseStep[]; readonly goesOn?: () => boolean },
): ShrunkSteps | null => {
	const { steps, goesOn = () => true } = options;
	const world = new World(subject, options);
	const wanted = lastBreak(world, steps);
	if (wanted === null) return null;
	let smallest = steps.slice(0, wanted.at + 1);
	let tried = 0;
	for (let isSmaller = true; isSmaller; ) {
		isSmaller = false;
		for (const candidate of smallerThan(smallest)) {
			if (!goesOn()) return { steps: smallest, tried, isMinimal: false };
			tried++;
			const at = breaksAt(world, { steps: candidate, key: wanted.key });
			if (at === null) continue;
			smallest = candidate.slice(0, at + 1);
			isSmaller = true;
			break;
		}
	}
	return { steps: smallest, tried, isMinimal: true };
};

/** Smaller ways that may break the same, those with the fewest power losses first. */
const smallerThan = (steps: readonly CaseStep[]): readonly (readonly CaseStep[])[] => {
	const candidates = [...withoutSteps(steps), ...withoutCuts(steps), ...milder(steps)];
	return smallestFirst(candidates, { than: steps, sizeOf });
};

const MOST_LEFT_OUT = 4;

const withoutSteps = (steps: readonly CaseStep[]): readonly (readonly CaseStep[])[] =>
	steps.flatMap((_, from) => {
		const most = Math.min(MOST_LEFT_OUT, steps.length - 1 - from);
		return Array.from({ length: Math.max(0, most) }, (_none, count) => [...steps.slice(0, from), ...steps.slice(from + count + 1)]);
	});

/** The step runs to its end, and power goes after it or stays. */
const withoutCuts = (steps: readonly CaseStep[]): readonly (readonly CaseStep[])[] =>
	steps.flatMap(({ step, cut, readSeed }, index) => {
		if (cut === undefined) return [];
		const [before, after] = [steps.slice(0, index), steps.slice(index + 1)];
		return [
			[...before, { step, readSeed }, ...after],
			[...before, { step, readSeed }, { step: 'reset', readSeed: 0 } as const, ...after],
		];
	});

const milder = (steps: readonly CaseStep[]): readonly (readonly CaseStep[])[] =>
	steps.flatMap(({ step, cut, readSeed }, index) => {
		if (cut === undefined) return [];
		return milderCuts(cut, CUT_TEARS).map((other) => [...steps.slice(0, index), { step, cut: other, readSeed }, ...steps.slice(index + 1)]);
	});

/** Power losses, how far up the ladder their tears are, seeds, steps. */
const sizeOf = (steps: readonly CaseStep[]): Size => {
	const sum = (of: (cut: NonNullable<CaseStep['cut']>) => number) => steps.reduce((total, { cut }) => total + (cut === undefined ? 0 : of(cut)), 0);
	return [countCuts(steps), sum(({ tear }) => CUT_TEARS.indexOf(tear)), sum(({ seed }) => seed), steps.length];
};

const keysOf = (world: World, steps: readonly CaseStep[]): readonly (readonly string[])[] | null => {
	try {
		return replayIn(world, steps).map(({ breaks }) => breaks.map((broken) => `${broken.class} ${broken.limit?.name ?? ''}`));
	} catch (error) {
		// A step that cannot be done there: no way at all.
		if (error instanceof TypeError && error.message.startsWith('steps:')) return null;
		throw error;
	}
};

const lastBreak = (world: World, steps: readonly CaseStep[]): { readonly at: number; readonly key: string } | null => {
	const keys = keysOf(world, steps) ?? [];
	const at = keys.findLastIndex((each) => each.length > 0);
	const key = keys[at]?.at(-1);
	return key === undefined ? null : { at, key };
};

const breaksAt = (world: World, wanted: { readonly steps: readonly CaseStep[]; readonly key: string }): number | null => {
	const at = keysOf(world, wanted.steps)?.findIndex((each) => each.includes(wanted.key)) ?? -1;
	return at < 0 ? null : at;
};
