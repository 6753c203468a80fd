export * from './bootloader.js';
export * from './endless-loop.js';
export * from './names.js';
