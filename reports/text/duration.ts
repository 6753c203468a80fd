/** Wall time for people: `340 ms`, `3.2 s`, `4 min 05 s`. */
export const formatDuration = (durationMs: number): string => {
	if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
	if (durationMs < 59_950) return `${(durationMs / 1000).toFixed(1)} s`;
	const seconds = Math.round(durationMs / 1000);
	return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
};

/** Virtual time as a clock: `0:04:12.045` after 252,045 ms, hours without bound. */
export const formatVirtualTime = (atMs: number): string => {
	const ms = Math.max(0, Math.round(atMs));
	const two = (value: number) => String(Math.floor(value) % 60).padStart(2, '0');
	return `${Math.floor(ms / 3_600_000)}:${two(ms / 60_000)}:${two(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}`;
};
