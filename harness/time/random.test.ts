import test from 'ava';
import { createRandom } from './index.js';

const draws = (seed: string, count = 5): number[] => {
	const random = createRandom(seed);
	return Array.from({ length: count }, () => random.next());
};

test('one seed gives one sequence, another seed another', (t) => {
	t.deepEqual(draws('7'), draws('7'));
	t.notDeepEqual(draws('7'), draws('8'));
	t.notDeepEqual(draws('7'), draws('70'));
});

test('a draw in one stream shifts no other', (t) => {
	const quiet = createRandom('7');
	const busy = createRandom('7');
	for (let draw = 0; draw < 100; draw++) busy.stream('power').next();
	for (let draw = 0; draw < 3; draw++) busy.next();
	t.is(quiet.stream('link').next(), busy.stream('link').next());
	t.not(quiet.stream('link').next(), quiet.stream('power').next());
});

test('draws are even enough: mean, spread and every face of a die', (t) => {
	const random = createRandom('dice');
	const faces = new Array<number>(6).fill(0);
	let sum = 0;
	for (let draw = 0; draw < 60_000; draw++) {
		sum += random.next();
		const face = random.integer(6);
		faces[face] = (faces[face] ?? 0) + 1;
	}
	t.true(Math.abs(sum / 60_000 - 0.5) < 0.01);
	for (const count of faces) t.true(Math.abs(count - 10_000) < 500);
});

test('integer() refuses a bound that holds no number', (t) => {
	for (const below of [0, -1, 1.5, Number.NaN]) t.throws(() => createRandom('1').integer(below), { instanceOf: RangeError });
});

test('bytes are the low bits of draws, and the next draw follows them', (t) => {
	const [whole, single] = [createRandom('bytes'), createRandom('bytes')];
	t.deepEqual(
		[...whole.bytes(300)],
		Array.from({ length: 300 }, () => (single.next() * 0x1_0000_0000) & 0xff),
	);
	t.is(whole.next(), single.next());
});
