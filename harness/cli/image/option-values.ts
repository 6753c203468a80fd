import { UsageError } from '../usage-error.js';

/** A value as yargs gives it: an array where the option was repeated. */
export type OptionValue = string | readonly string[] | undefined;

/** The one value of an option that cannot be repeated. */
export const onlyValue = (flag: string, value: OptionValue): string | undefined => {
	if (value === undefined || typeof value === 'string') return value;
	throw new UsageError(`${flag}: one value was expected, got ${value.length}`);
};

/** Every value of an option that can be repeated. */
export const allValues = (value: OptionValue): readonly string[] => (value === undefined ? [] : typeof value === 'string' ? [value] : value);

/** A whole number, decimal or hexadecimal. */
export const parseWholeNumber = (flag: string, range: { readonly value: OptionValue; readonly min: number; readonly max?: number }): number | undefined => {
	const { min, max = Number.MAX_SAFE_INTEGER } = range;
	const text = onlyValue(flag, range.value);
	if (text === undefined) return undefined;
	const number = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : Number.NaN;
	if (number >= min && number <= max) return number;
	const limits = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
	throw new UsageError(`${flag}: a whole number ${limits}, such as 16384 or 0x4000, was expected, got ${JSON.stringify(text)}`);
};

/** 1, 2, 4, 8, 16 or 32. */
export const parseWriteSize = (value: OptionValue): number | undefined => {
	const size = parseWholeNumber('--write-size', { value, min: 1 });
	if (size === undefined || [1, 2, 4, 8, 16, 32].includes(size)) return size;
	throw new UsageError(`--write-size: 1, 2, 4, 8, 16 or 32 was expected, got ${size}`);
};
