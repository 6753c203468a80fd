export { openSimulatedFleet, type ReplacedParts } from './open-fleet.js';
export { readServiceTls, readThingTls } from './broker-account.js';
