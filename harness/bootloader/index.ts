export * from './bootloader.js';
export * from './names.js';
