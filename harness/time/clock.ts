/** Time as a port: everything that waits takes a clock, so that a virtual one can stand in for the wall's. */
export interface Clock {
	/** Milliseconds since this clock's start: 0 when the world opens. Monotonic. */
	readonly nowMs: number;
	/** Milliseconds since the Unix epoch as the world sees it. */
	readonly epochMs: number;
	/** Calls `callback` once after `delayMs` (whole milliseconds, at least 1, as Node's own timers). */
	after(delayMs: number, callback: () => void): Timer;
	/** Resolves after `delayMs`. `label` names the waiter in a deadlock report. */
	sleep(delayMs: number, label?: string): Promise<void>;
	/**
	 * Resolves when `condition` holds, asked again after every instant at which something happened;
	 * rejects with a TimeoutError (code `timeout`) after `withinMs`. `label` says what is awaited.
	 */
	until(condition: () => boolean, options: { readonly withinMs: number; readonly label: string }): Promise<void>;
}

export interface Timer {
	cancel(): void;
}
