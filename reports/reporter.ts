import type { BlackstartEvent } from '../harness/events/index.js';

/** Takes a run's events as they happen and makes something a person or a machine reads. */
export interface Reporter {
	/** `scenario` names the scenario file the event belongs to: those of parallel jobs interleave, and most kinds do not say. */
	observe(event: BlackstartEvent, scenario?: string): void;
	/** Idempotent. Leaves whatever the reporter writes whole, whether or not the run came to its end. */
	close(): void;
}
