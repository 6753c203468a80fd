import type { BlackstartEvent, InvariantName, Violation } from '../events/index.js';
import type { Findings } from './findings.js';

export type EventKind = BlackstartEvent['kind'];
export type EventOf<Kind extends EventKind> = Extract<BlackstartEvent, { readonly kind: Kind }>;

/**
 * An observer over the events of one case (one world) that says afterwards whether what it stands for held.
 * It needs nothing but the events, in the order in which they happened.
 */
export interface Invariant {
	readonly name: InvariantName;
	/** The kinds of event it needs; `observe` ignores all others. */
	readonly watches: readonly EventKind[];
	/** Throws a RangeError for an event of a device that was never provisioned. */
	observe(event: BlackstartEvent): void;
	/** The verdict; asked again, the same one. Events observed afterwards change nothing. */
	finish(): InvariantResult;
}

export interface InvariantResult {
	readonly invariant: InvariantName;
	/** How often it was really put to the test; 0: never exercised. Never less than the number of violations. */
	readonly checks: number;
	/** The first ones in full; where there were more, a last entry says how many in all. */
	readonly violations: readonly Violation[];
}

/** What an invariant does about each kind of event it needs. */
export type Handlers = { readonly [Kind in EventKind]?: (event: EventOf<Kind>) => void };

/** Makes an invariant of its handlers; `atEnd` adds what only the end of the events can show. */
export const createInvariant = (findings: Findings, options: { readonly handlers: Handlers; readonly atEnd?: () => void }): Invariant => {
	const handlers = options.handlers as Readonly<Partial<Record<EventKind, (event: BlackstartEvent) => void>>>;
	let result: InvariantResult | undefined;
	return {
		name: findings.invariant,
		watches: Object.keys(handlers) as EventKind[],
		observe: (event) => handlers[event.kind]?.(event),
		finish: () => {
			if (result === undefined) {
				options.atEnd?.();
				result = findings.result();
			}
			return result;
		},
	};
};
