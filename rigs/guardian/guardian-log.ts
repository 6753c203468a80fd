import { appendFileSync } from 'node:fs';
import { monotonicMs } from '../drivers/monotonic.js';

/** The guardian's own log, a line of JSON an entry: what was opened, why the runner was given up, and what was made safe. */
export type GuardianLog = (entry: { readonly kind: string; readonly [fact: string]: unknown }) => void;

/** A log that cannot be written must not keep the rig from being made safe. */
export const createGuardianLog =
	(file: string | undefined): GuardianLog =>
	(entry) => {
		if (file === undefined) return;
		try {
			appendFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), atMs: monotonicMs(), ...entry })}\n`);
		} catch (error) {
			process.stderr.write(`guardian: log ${file}: ${error instanceof Error ? error.message : String(error)}\n`);
		}
	};
