export * from './catalogue/index.js';
export * from './coverage.js';
export * from './fault.js';
export * from './fleet-fault.js';
export * from './server-fault.js';
