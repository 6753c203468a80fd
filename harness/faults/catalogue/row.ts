import type { UpdatePhase } from '../../events/index.js';
import type { FaultKind } from '../fault.js';

/** Update phases in their order. */
export const UPDATE_PHASES: readonly UpdatePhase[] = ['idle', 'downloading', 'installing', 'booting', 'testing', 'reporting', 'recovering'];

/** One row of the fault catalogue: a requirement, with what shows that it is met, or a reason why it is none here. */
export interface FaultRow {
	/** Letter of the section and number in it. */
	readonly id: string;
	/** The fault, in one line. */
	readonly fault: string;
	/** What on a run's timeline shows that the fault took effect. */
	readonly sightings?: readonly Sighting[];
	/** What stands for the row outside of the timeline, or in place of a single event. */
	readonly proofs?: readonly Proof[];
	/** What of it is out of reach although the row is exercised, and why. */
	readonly limits?: string;
	/** Why the fault is out of reach; only where nothing exercises it. */
	readonly whyNot?: string;
}

/** A fault that took effect, or something else that happened to a device, in some form and phase; any where absent. */
export interface Sighting {
	readonly seen: FaultKind | Happening;
	/** Must match the `form` of the event. */
	readonly form?: RegExp;
	readonly phases?: readonly UpdatePhase[];
}

/** What happens to a device besides faults that were armed, as the coverage tells it from other events. */
export type Happening =
	/** Power lost again in one update. */
	| 'power-cut-again'
	/** The operator took a device's job back. */
	| 'job-cancelled'
	/** A device was sent the image that it runs. */
	| 'job-again'
	/** What a campaign's controller decided; the form is the decision. */
	| 'decision';

export const HAPPENINGS: readonly Happening[] = ['power-cut-again', 'job-cancelled', 'job-again', 'decision'];

export type Proof =
	/** A test of the project's own: file, and words of its title. */
	| { readonly test: string; readonly title: string }
	/** A wrong part in the museum, by its name. */
	| { readonly exhibit: string }
	/** A case of a scenario file, by its title. */
	| { readonly scenario: string; readonly title: string };
