export { BOOTLOADERS } from './bootloaders.js';
export { buildSubject, type ImageShape } from './build-subject.js';
export { exploreCommand } from './explore-command.js';
export { replayExplorerCase } from './replay-explorer-case.js';
