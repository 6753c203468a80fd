export type { ChunkFault } from './chunk-fault.js';
export { TbRun, type TbRunOptions } from './run-device.js';
export { openThingsboard, type ThingsboardOptions, ThingsboardServer } from './thingsboard.js';
