export { type BootFenceOptions, expectFreshBoot, type FreshBoot } from './boot-fence.js';
export { CONSOLE_ERROR_CODES, ConsoleError, type ConsoleErrorCode } from './console-error.js';
export type { EchoPolicy } from './echo-command.js';
export type { ModemLines } from './modem-lines.js';
export type { Pacing } from './pacing.js';
export { openSerialConsole, type PortDrop, type SerialConsole, type SerialConsoleOptions } from './serial-console.js';
export type { ConsoleWatch, SightingKind, WatchPatterns } from './watch.js';
