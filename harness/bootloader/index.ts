export * from './bootloader.js';
