export type { UpdateJob } from './journal-header.js';
export * from './outcome-store.js';
export * from './settings-store.js';
export * from './storage-error.js';
export * from './time-floor.js';
export * from './update-journal.js';
