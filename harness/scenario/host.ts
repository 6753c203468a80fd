import type { BlackstartEvent, InvariantName, Violation } from '../events/index.js';
import type { RunOptions } from './context.js';

/** Where a scenario file's cases run: everything that is not pure comes in through this. */
export interface ScenarioHost {
	/** Name of the scenario file, without its ending. */
	readonly scenario: string;
	/** The run's root seed. */
	readonly seed: string;
	readonly options: RunOptions;
	/** The text that replays the case of that slug. */
	caseText(slug: string): string;
	/** Takes one event for the scenario's log. */
	write(event: BlackstartEvent): void;
	/** Brings everything written so far to where it survives this process. */
	flush(): void;
	/** Opens the console file of a case; what the process prints until it is closed belongs to it. */
	openConsole(slug: string): CaseConsole;
	createJudge(): Judge;
	/** Monotonic milliseconds of the wall, whatever the virtual world says. */
	nowMs(): number;
	/** The wall's date and time, ISO 8601. */
	isoNow(): string;
	/** Calls back every `periodMs` of the wall without keeping the process alive; returns what stops it. */
	every(periodMs: number, callback: () => void): () => void;
	/** Calls back when the process has nothing left to run; returns what forgets it. */
	whenIdleForever(callback: () => void): () => void;
}

export interface CaseConsole {
	append(text: string): void;
	/** Absolute path where something was written, else undefined. */
	close(): string | undefined;
}

/** Watches one case's events for broken invariants. */
export interface Judge {
	observe(event: BlackstartEvent): void;
	finish(): readonly InvariantResult[];
}

export interface InvariantResult {
	readonly invariant: InvariantName;
	/** Times it was exercised. */
	readonly checks: number;
	readonly violations: readonly Violation[];
}
