export * from '../../harness/bootloader/index.js';
export * from './ab-bootloader.js';
export * from './bootloader-options.js';
