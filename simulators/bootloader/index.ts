export * from '../../harness/bootloader/index.js';
export * from './ab-bootloader.js';
export * from './boot-geometry.js';
export * from './bootloader-options.js';
export * from './create-bootloader.js';
export { createMcuboot, type CreateMcubootOptions, type McubootName, type McubootRules, rulesOf } from './mcuboot/index.js';
