export * from './abi.js';
export * from './firmware-module.js';
export type { ModuleHardware } from './hardware-imports.js';
export * from './module-bootloader.js';
export * from './module-error.js';
export * from './layout/index.js';
export * from './module-subject.js';
export { createSampleImages } from './sample-images.js';
