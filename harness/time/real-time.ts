/** The process's own timers and clocks, taken before any virtual world can replace them. */
export const realTime = {
	setTimeout: globalThis.setTimeout,
	clearTimeout: globalThis.clearTimeout,
	setImmediate: globalThis.setImmediate,
	Date: globalThis.Date,
	epochMs: globalThis.Date.now.bind(globalThis.Date),
	/** Monotonic milliseconds of the wall. */
	nowMs: globalThis.performance.now.bind(globalThis.performance),
} as const;
