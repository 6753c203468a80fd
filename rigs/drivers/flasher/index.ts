export { FLASHER_ERROR_CODES, FlasherError, type FlasherErrorCode } from './flasher-error.js';
export { createToolFlasher, type PortUser, type ToolFlasherOptions } from './tool-flasher.js';
