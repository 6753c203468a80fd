export { auditCommand, createAuditCommand } from './audit-command.js';
export { readTrailFile } from './trail-file.js';
