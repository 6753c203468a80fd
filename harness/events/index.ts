export type * from './event.js';
export { encodeEvent, LineSplitter, parseEvent, parseEventLog } from './log.js';
