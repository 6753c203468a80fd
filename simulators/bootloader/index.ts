export * from './ab-bootloader.js';
export * from './bootloader.js';
