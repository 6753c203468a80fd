export { type CreateMcubootOptions, createMcuboot } from './create-mcuboot.js';
export { MCUBOOT_LIMITS } from './known-limits.js';
export { type McubootName, type McubootRules, type ResumeRow, rulesOf, type StatusField, type SwapRow, type TrailerPattern } from './rules.js';
export { SlotTrailer } from './slot-trailer.js';
