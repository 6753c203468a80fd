/** Whole numbers from 1, ascending and each once, as compact text: `1-3,7`; `none` where there are none. */
export const encodeRanges = (numbers: readonly number[]): string => {
	const ranges: { from: number; to: number }[] = [];
	for (const number of numbers) {
		const last = ranges.at(-1);
		if (last !== undefined && number === last.to + 1) last.to = number;
		else ranges.push({ from: number, to: number });
	}
	return ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(',') || 'none';
};

/** Throws a RangeError unless `text` is what `encodeRanges` makes of at most `most` numbers up to `most`. */
export const parseRanges = (text: string, { most }: { readonly most: number }): readonly number[] => {
	const numbers: number[] = [];
	for (const part of text === 'none' ? [] : text.split(',')) {
		const [, first = '', last = first] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part) ?? [];
		const from = Number(first);
		const to = Number(last);
		if (!(from > (numbers.at(-1) ?? 0) && to >= from && to <= most)) throw refuse(text, most);
		for (let number = from; number <= to; number++) numbers.push(number);
	}
	if (encodeRanges(numbers) !== text) throw refuse(text, most);
	return numbers;
};

const refuse = (text: string, most: number): RangeError =>
	new RangeError(`ascending numbers from 1 to ${most} like 1-3,7 were expected, or none; got '${text.slice(0, 60)}'`);
