import { RealClock } from '../../time/index.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves when a person or the system asks this process to end, or after so long, whichever is first. */
export const untilInterrupted = (atMostMs?: number): Promise<void> =>
	new Promise((resolve) => {
		const clock = new RealClock();
		// A timer also keeps the process alive, which a listener for a signal does not.
		const timer = clock.after(atMostMs ?? 2 ** 31 - 1, () => end());
		const end = (): void => {
			timer.cancel();
			for (const signal of SIGNALS) process.off(signal, end);
			resolve();
		};
		for (const signal of SIGNALS) process.once(signal, end);
	});
