export { openSimulatedFleet, type ReplacedParts } from './open-fleet.js';
