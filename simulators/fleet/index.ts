export { openSimulatedFleet } from './open-fleet.js';
