export { replaySweepCase } from './replay-sweep-case.js';
export { sweepCommand } from './sweep-command.js';
