/** Numbers as people read them. */

export const sayCount = (value: number): string => value.toLocaleString('en');

export const sayTime = (ms: number): string => {
	if (ms < 1000) return `${Math.round(ms)} ms`;
	if (ms < 60_000) return `${trim(ms / 1000)} s`;
	const minutes = Math.floor(ms / 60_000);
	if (minutes < 60) return `${minutes} min ${Math.round((ms % 60_000) / 1000)} s`;
	const hours = Math.floor(minutes / 60);
	return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
};

/** Virtual time as the stories tell it: hours, minutes, seconds, milliseconds. */
export const sayInstant = (ms: number): string => {
	const parts = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, Math.floor(ms / 1000) % 60].map((part) => String(part).padStart(2, '0'));
	return `${parts.join(':')}.${String(Math.floor(ms % 1000)).padStart(3, '0')}`;
};

export const sayIn = (unit: 'ms' | 'times' | 'images', value: number): string =>
	unit === 'ms' ? sayTime(value) : unit === 'times' ? sayCount(Math.round(value)) : `${trim(value)}×`;

const trim = (value: number): string => String(Number(value.toPrecision(3)));
