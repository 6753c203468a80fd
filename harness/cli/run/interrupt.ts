const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Calls back at the first signal that asks the run to stop, and for good at the second; returns what stops listening. */
export const onInterrupt = ({ first, second }: { readonly first: () => void; readonly second: () => void }): (() => void) => {
	let signals = 0;
	const listener = (): void => {
		signals++;
		if (signals === 1) first();
		else second();
	};
	for (const signal of SIGNALS) process.on(signal, listener);
	return () => {
		for (const signal of SIGNALS) process.removeListener(signal, listener);
	};
};
