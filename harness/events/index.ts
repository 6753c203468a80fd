export type * from './board-event.js';
export type * from './device-event.js';
export type * from './event.js';
export type * from './explorer-event.js';
export type * from './fleet-event.js';
export { encodeEvent, LineSplitter, parseEvent, parseEventLog } from './log.js';
export type * from './rollout-event.js';
export type * from './run-event.js';
export type * from './scenario-event.js';
