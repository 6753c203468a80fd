import type { UpdatePhase } from '../../events/index.js';
import { type FaultRow, type Sighting, UPDATE_PHASES } from './row.js';

/** Phases in which something can be seen, where those are not all: what a device shows at one step of an update alone. */
const REACH: Partial<Readonly<Record<Sighting['seen'], readonly UpdatePhase[]>>> = {
	'image-behaviour': ['testing'],
	'image-defect': ['downloading', 'installing'],
	'weak-hardware': ['testing'],
	'job-again': ['downloading'],
	'statement-changed': ['idle', 'downloading'],
	'job-cancelled': ['downloading', 'installing', 'booting', 'testing'],
	'power-cut-again': ['downloading', 'installing', 'booting', 'testing', 'reporting', 'recovering'],
};

/** The phases in which a row can be exercised: a phase of these in which it was not is a hole, any other is none. */
export const reachOf = ({ sightings = [] }: FaultRow): readonly UpdatePhase[] =>
	UPDATE_PHASES.filter((phase) => sightings.some(({ seen, phases }) => (phases ?? REACH[seen] ?? UPDATE_PHASES).includes(phase)));
