import test from 'ava';
import { countBits, createBitmap, listBits } from './bitmap.js';

/** The same by text: bit i of the bitmap is character i of its binary digits, least significant first. */
const digits = (bitmap: Uint8Array): string => [...bitmap].map((byte) => [...byte.toString(2).padStart(8, '0')].reverse().join('')).join('');

test('a bitmap of every set of up to 12 blocks holds exactly that set and gives it back', (t) => {
	for (const offset of [0, 5, 1000]) {
		for (let set = 1; set < 4096; set++) {
			const blocks: number[] = [];
			for (let bit = 0; bit < 12; bit++) if (set & (1 << bit)) blocks.push(offset + bit);
			const bitmap = createBitmap(blocks, offset);
			const listed = [...digits(bitmap)].flatMap((digit, bit) => (digit === '1' ? [offset + bit] : []));
			if (listed.join() !== blocks.join()) t.fail(`${blocks} became ${listed}`);
			if (countBits(bitmap) !== blocks.length) t.fail(`${blocks} counted as ${countBits(bitmap)}`);
			const all = listBits(bitmap, { offset, end: offset + 12, limit: 12 });
			if (all.join() !== blocks.join()) t.fail(`${blocks} were listed as ${all}`);
		}
	}
	t.pass();
});

test('listing keeps to the end of the file and to the limit, for every bitmap of 8 bits, end and limit', (t) => {
	for (let byte = 0; byte < 256; byte++) {
		for (let end = 0; end <= 10; end++) {
			for (let limit = 0; limit <= 9; limit++) {
				const naive = [...digits(new Uint8Array([byte]))].flatMap((digit, bit) => (digit === '1' && bit < end ? [bit] : [])).slice(0, limit);
				const listed = listBits(new Uint8Array([byte]), { offset: 0, end, limit });
				if (listed.join() !== naive.join()) t.fail(`${byte} with end ${end} and limit ${limit}: ${listed} in place of ${naive}`);
			}
		}
	}
	t.pass();
});

test('an empty bitmap asks for nothing', (t) => {
	t.deepEqual(listBits(new Uint8Array(0), { offset: 0, end: 10, limit: 10 }), []);
	t.is(countBits(new Uint8Array(0)), 0);
});
