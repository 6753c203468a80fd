export * from './fault.js';
export * from './fleet-fault.js';
