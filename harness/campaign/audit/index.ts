export { type AuditBook, createAuditBook, describeEvent } from './describe-event.js';
export { type Changelog, type GroupChangelog, type VersionChange, readChangelog } from './changelog.js';
export { encodeCsv } from './csv.js';
export { appendEntry, type AuditEntry, type AuditFacts, EMPTY_TRAIL, parseEntry, type TrailHead } from './entry.js';
export { isCampaignEvent, TrailScribe } from './scribe.js';
export { encodeSeal, parseSeal, type TrailSeal } from './seal.js';
export { type TrailProblem, type TrailVerdict, verifyTrail } from './verify-trail.js';
