import type { Reduction } from '../../scenario/index.js';
import { parseRanges } from '../../text/index.js';
import { parseCount } from '../run/flag-values.js';
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

/** `--keep-devices 1-3,7 --keep-faults none --keep-waves 1`, of a fleet of so many devices; throws a UsageError that names the flag. */
export const parseReductionFlags = (typed: KeepFlags, { devices: most }: { readonly devices: number }): Reduction => {
	const places = (flag: 'keep-devices' | 'keep-faults', least: number): readonly number[] | undefined => {
		const text = typed[flag];
		if (text === undefined) return undefined;
		const kept = readRanges(text, { flag, most: flag === 'keep-devices' ? most : MOST_FAULTS });
		if (kept.length < least) throw new UsageError(`--${flag}: ${least} or more were expected, got '${text}'`);
		return kept;
	};
	const devices = places('keep-devices', 1);
	const faults = places('keep-faults', 0);
	const waves = typed['keep-waves'] === undefined ? undefined : parseCount(typed['keep-waves'], { flag: 'keep-waves', most: MOST_WAVES });
	return { ...(devices && { devices }), ...(faults && { faults }), ...(waves === undefined ? {} : { waves }) };
};

type KeepFlags = { readonly [flag in 'keep-devices' | 'keep-faults' | 'keep-waves']?: string | undefined };

const MOST_FAULTS = 1_000;
const MOST_WAVES = 1_000;

const readRanges = (text: string, { flag, most }: { readonly flag: string; readonly most: number }): readonly number[] => {
	try {
		return parseRanges(text, { most });
	} catch (cause) {
		throw new UsageError(`--${flag}: ${(cause as Error).message}`, { cause });
	}
};

/** As `parseVirtualTime` reads it back, in the largest unit that divides it. */
export const formatTime = (timeMs: number): string => {
	const [unit, unitMs] = Object.entries(UNIT_MS).findLast(([, ms]) => timeMs % ms === 0) ?? ['s', 1_000];
	return `${timeMs / unitMs}${unit}`;
};

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
