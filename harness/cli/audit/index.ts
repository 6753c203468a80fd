export { auditCommand, createAuditCommand } from './audit-command.js';
export { once } from './trail-arguments.js';
export { readTrailFile } from './trail-file.js';
