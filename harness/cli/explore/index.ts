export { BOOTLOADERS } from './bootloaders.js';
export { buildSubject, type ImageShape, type Part } from './build-subject.js';
export { exploreCommand } from './explore-command.js';
export { replayExplorerCase } from './replay-explorer-case.js';
export { createWalkCrew } from './walk-crew.js';
