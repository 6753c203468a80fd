export { type Attack, ATTACKS } from './attacks.js';
export { FAULT_CATALOGUE, standsFor } from './catalogue.js';
export { reachOf } from './reach.js';
export { type FaultRow, HAPPENINGS, type Happening, type Proof, type Sighting, UPDATE_PHASES } from './row.js';
