const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Calls back at the first signal that asks the run to stop, and for good at the second; returns what stops listening. Once
 * interrupted it listens to the end of the process: a second signal on the heels of the end would kill it without an exit code.
 */
export const onInterrupt = ({ first, second }: { readonly first: () => void; readonly second: () => void }): (() => void) => {
	let signals = 0;
	const listener = (): void => {
		signals++;
		if (signals === 1) first();
		else second();
	};
	for (const signal of SIGNALS) process.on(signal, listener);
	return () => {
		if (signals > 0) return;
		for (const signal of SIGNALS) process.removeListener(signal, listener);
	};
};
