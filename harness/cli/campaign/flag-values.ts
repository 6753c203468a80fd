import { UsageError } from '../usage-error.js';

/** A share from 0 to 1, or a percentage; throws a UsageError that names the flag. */
export const parseRatioFlag = (text: string, { flag }: { readonly flag: string }): number => {
	const [, number, percent] = /^(\d{1,3}(?:\.\d{1,6})?)(%?)$/.exec(text) ?? [];
	const ratio = Number(number) / (percent === '%' ? 100 : 1);
	if (!(number !== undefined && ratio <= 1)) throw new UsageError(`--${flag}: a share from 0 to 1 or a percentage was expected (0.02, 2%), got '${text}'`);
	return ratio;
};

/** Virtual time with its unit, `90s` to `30d`, in milliseconds; throws a UsageError that names the flag. */
export const parseVirtualTime = (text: string, { flag }: { readonly flag: string }): number => {
	const [, number, unit] = /^(\d{1,6}(?:\.\d{1,3})?)(s|m|h|d)$/.exec(text) ?? [];
	const timeMs = Math.round(Number(number) * (UNIT_MS[unit ?? ''] ?? Number.NaN));
	if (!(timeMs >= 1)) throw new UsageError(`--${flag}: a time with its unit was expected (90s, 30m, 2h, 1d), got '${text}'`);
	return timeMs;
};

/** As `parseVirtualTime` reads it back, in the largest unit that divides it. */
export const formatTime = (timeMs: number): string => {
	const [unit, unitMs] = Object.entries(UNIT_MS).findLast(([, ms]) => timeMs % ms === 0) ?? ['s', 1_000];
	return `${timeMs / unitMs}${unit}`;
};

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
