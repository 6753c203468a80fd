export { createImageCommand, imageCommand } from './image-command.js';
export { readInput } from './input-files.js';
export { type Output, PROCESS_OUTPUT, printResult } from './output.js';
export { writeOutput } from './write-output.js';
