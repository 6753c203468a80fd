export * from './cut-sweep.js';
export * from './flash.js';
export * from './flash-error.js';
export * from './flash-port.js';
export * from './geometry.js';
export type { RecentOperation } from './operation-ring.js';
export * from './page-store.js';
export * from './rewrite.js';
export { tearErase, tearProgram } from './tear.js';
