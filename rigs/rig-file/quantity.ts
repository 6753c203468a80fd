/** The quantities of a rig file, as people write them: each reads its text into a number with its unit, or gives undefined. */

const TIME_UNIT_MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `250us`, `1500ms`, `5s`, `10m`, in milliseconds. */
export const parseDuration = (text: string): number | undefined => {
	const [, number, unit] = /^(\d{1,6}(?:\.\d{1,3})?)(us|ms|s|m|h)$/.exec(text) ?? [];
	return unit === undefined ? undefined : Math.round(Number(number) * (TIME_UNIT_MS[unit] ?? Number.NaN) * 1_000) / 1_000;
};

/** `3.3V`, `300mV`, in volts. */
export const parseVoltage = (text: string): number | undefined => {
	const [, number, unit] = /^(\d{1,5}(?:\.\d{1,3})?)(V|mV)$/.exec(text) ?? [];
	return unit === undefined ? undefined : unit === 'V' ? Number(number) : Number(number) / 1_000;
};
