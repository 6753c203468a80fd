import type { SessionCase } from './session-case.js';
import { runSession, type SessionRun } from './run-session.js';

/** The answer to a case: its run, or that the harness failed. */
export type SessionAnswer = { readonly index: number } & ({ readonly run: SessionRun } | { readonly error: string });

// A process of its own: it holds one virtual world at a time. It ends when the channel to its parent does.
process.on('message', ({ index, one }: { readonly index: number; readonly one: SessionCase }) => {
	void runSession(one).then(
		(run) => process.send?.({ index, run } satisfies SessionAnswer),
		(error: unknown) => process.send?.({ index, error: error instanceof Error ? error.message : String(error) } satisfies SessionAnswer),
	);
});
// Whoever is at the terminal talks to the parent, which ends this one.
process.on('SIGINT', () => {});
