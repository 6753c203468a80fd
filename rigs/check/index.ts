export { checkBoard, type CheckedParts, type CheckStep } from './check-board.js';
export { openParts, type OpenParts, type OpenPartsOptions } from './open-parts.js';
export { checkService } from './check-service.js';
