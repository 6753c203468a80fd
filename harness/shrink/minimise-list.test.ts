import test from 'ava';
import fc from 'fast-check';
import { minimiseList } from './minimise-list.js';

const minimise = async (length: number, fails: (items: readonly number[]) => boolean, { width = 1, least = 1 as 0 | 1 } = {}) => {
	const tried: (readonly number[])[] = [];
	const items = Array.from({ length }, (_, index) => index);
	const fewest = await minimiseList(items, {
		width,
		least,
		test: async (fewer) => {
			tried.push(fewer);
			return fails(fewer);
		},
	});
	return { fewest, tried };
};

/** Fails where it has every item of some of these sets. */
const needsOneOf = (sets: readonly (readonly number[])[]) => (items: readonly number[]) => sets.some((set) => set.every((item) => items.includes(item)));

const LENGTH = 24;
const set = fc.uniqueArray(fc.nat({ max: LENGTH - 1 }), { minLength: 1, maxLength: 5 });

test('where more items never help, no item can be left out of what is found, and it fails (seed 7)', async (t) => {
	await fc.assert(
		fc.asyncProperty(fc.array(set, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 5 }), async (sets, width) => {
			const fails = needsOneOf(sets);
			const { fewest } = await minimise(LENGTH, fails, { width });
			t.true(fails(fewest));
			for (const item of fewest) t.false(fails(fewest.filter((other) => other !== item)), `${item} of ${fewest}`);
		}),
		{ seed: 7, numRuns: 200 },
	);
});

test('whatever fails, what is found was tried and failed, or is the whole list (seed 7)', async (t) => {
	await fc.assert(
		fc.asyncProperty(fc.func(fc.boolean()), fc.integer({ min: 0, max: 12 }), async (draw, length) => {
			const failed = new Set<string>();
			const fails = (items: readonly number[]): boolean => {
				const result = draw(items.join());
				if (result) failed.add(items.join());
				return result;
			};
			const { fewest } = await minimise(length, fails, { least: 0 });
			if (fewest.length < length) t.true(failed.has(fewest.join()));
			t.deepEqual(
				[...fewest],
				[...new Set(fewest)].sort((one, other) => one - other),
			);
		}),
		{ seed: 7, numRuns: 300 },
	);
});

test('what is found does not depend on how many are tried at once (seed 7)', async (t) => {
	await fc.assert(
		fc.asyncProperty(fc.func(fc.boolean()), fc.integer({ min: 2, max: 6 }), async (draw, width) => {
			const fails = (items: readonly number[]): boolean => draw(items.join());
			t.deepEqual((await minimise(12, fails, { width })).fewest, (await minimise(12, fails)).fewest);
		}),
		{ seed: 7, numRuns: 100 },
	);
});

test('one item among a thousand takes a dozen tries', async (t) => {
	const { fewest, tried } = await minimise(1_000, needsOneOf([[636]]));
	t.deepEqual(fewest, [636]);
	t.true(tried.length <= 12, `${tried.length} tries`);
});

test('where only beginnings fail, the shortest is found', async (t) => {
	const { fewest } = await minimise(60, (items) => items.length > 36 && items.every((item, index) => item === index));
	t.is(fewest.length, 37);
});

test('an empty list is tried only where none may be left, and no list is tried where nothing can go', async (t) => {
	t.deepEqual((await minimise(9, () => true, { least: 0 })).fewest, []);
	t.deepEqual((await minimise(9, () => true, { least: 1 })).fewest, [0]);
	t.deepEqual((await minimise(1, () => true, { least: 1 })).tried, []);
	t.deepEqual((await minimise(0, () => true, { least: 0 })).tried, []);
});
