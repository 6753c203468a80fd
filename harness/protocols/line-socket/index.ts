export * from './line-socket.js';
