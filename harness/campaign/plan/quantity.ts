/** The quantities of a plan, as people write them: each reads its text into a number with its unit, or gives undefined. */

const TIME_UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `30m`, `2h`, `1d`, in milliseconds; whole milliseconds, at least 1. */
export const parseDuration = (text: string): number | undefined => {
	const [, number, unit] = /^(\d{1,6}(?:\.\d{1,3})?)(s|m|h|d)$/.exec(text) ?? [];
	const timeMs = Math.round(Number(number) * (TIME_UNIT_MS[unit ?? ''] ?? Number.NaN));
	return timeMs >= 1 ? timeMs : undefined;
};

/** `5%`, or the ratio itself from 0 to 1. */
export const parseRatio = (value: string | number): number | undefined => {
	const ratio = typeof value === 'number' ? value : percentage(value);
	return ratio !== undefined && ratio >= 0 && ratio <= 1 ? ratio : undefined;
};

/** Devices of a wave: a whole number of them, or `10%` of all that go, which becomes a fraction below 1. */
export const parseWaveSize = (value: string | number): number | undefined => {
	if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 1 ? value : undefined;
	const ratio = percentage(value);
	return ratio !== undefined && ratio > 0 && ratio < 1 ? ratio : undefined;
};

/** `22:30`, in minutes after midnight; `24:00` is the day's end. */
export const parseTimeOfDay = (text: string): number | undefined => {
	const [, hours, minutes] = /^(\d{1,2}):(\d{2})$/.exec(text) ?? [];
	const minute = Number(hours) * 60 + Number(minutes);
	return Number(minutes) < 60 && minute <= 1440 ? minute : undefined;
};

/** An instant such as `2026-03-28T20:00Z`, with its zone or offset, in milliseconds since the epoch. */
export const parseInstant = (text: string): number | undefined => {
	if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})$/.test(text)) return undefined;
	const epochMs = Date.parse(text);
	return Number.isFinite(epochMs) ? epochMs : undefined;
};

const percentage = (text: string): number | undefined => {
	const [, number] = /^(\d{1,3}(?:\.\d{1,4})?)%$/.exec(text) ?? [];
	return number === undefined ? undefined : Number(number) / 100;
};
