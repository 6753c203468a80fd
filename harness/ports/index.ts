export * from './board.js';
export * from './board-network.js';
export * from './console.js';
export * from './flasher.js';
export * from './fleet.js';
export * from './gpio-line.js';
export * from './power.js';
