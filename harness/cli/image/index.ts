export { createImageCommand, imageCommand } from './image-command.js';
export type { Output } from './output.js';
