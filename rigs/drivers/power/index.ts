export { openPower } from './open-power.js';
export { POWER_ERROR_CODES, PowerError, type PowerErrorCode } from './power-error.js';
export type { PowerDriverOptions, PowerOptions } from './power-options.js';
export type { SenseOptions } from './sense.js';
export type { SwitchedPower } from './switched-power.js';
