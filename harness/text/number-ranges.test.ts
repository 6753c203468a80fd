import test from 'ava';
import fc from 'fast-check';
import { encodeRanges, parseRanges } from './number-ranges.js';

const MOST = 1_000;
const numbers = fc.uniqueArray(fc.integer({ min: 1, max: MOST })).map((list) => list.sort((one, other) => one - other));

test('numbers read back from their ranges as they were (seed 7)', (t) => {
	fc.assert(
		fc.property(numbers, (list) => t.deepEqual(parseRanges(encodeRanges(list), { most: MOST }), list)),
		{ seed: 7 },
	);
	t.is(encodeRanges([1, 2, 3, 7, 9, 10]), '1-3,7,9-10');
	t.is(encodeRanges([]), 'none');
});

for (const text of ['', '0', '1,', '3-1', '2,1', '1,1', '1,2', '1-2,3', '01', '1-1', '-1', '1-1001', '9999999999', 'none,1', '1 ,3']) {
	test(`'${text}' is no text of ranges`, (t) => void t.throws(() => parseRanges(text, { most: MOST }), { instanceOf: RangeError, message: /like 1-3,7/ }));
}
