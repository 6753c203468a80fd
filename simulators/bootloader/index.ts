export * from '../../harness/bootloader/index.js';
export * from './ab-bootloader.js';
export * from './boot-geometry.js';
export { alikeRecords } from './alike-records.js';
export { RECORD_SIZE_BYTES as AB_RECORD_SIZE_BYTES } from './boot-record.js';
export * from './bootloader-options.js';
export * from './create-bootloader.js';
export { createMcuboot, type CreateMcubootOptions, type McubootName, type McubootRules, rulesOf } from './mcuboot/index.js';
export { alikeEntries, OTA_ENTRY_BYTES } from './esp/index.js';
