export { goesOverSerial } from './flasher-schema.js';
export type { BoardType } from './board-type-schema.js';
export { createJsonSchemas } from './json-schema.js';
export { openRigFile, parseRigFile, type RigFileOptions } from './parse-rig-file.js';
export { VIRTUAL_CHIP } from './resolve-board.js';
export type * from './rig-file.js';
export { RigFileError, type RigFileProblem } from './rig-file-error.js';
export { Secret } from './secret.js';
