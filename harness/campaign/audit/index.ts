export { type Changelog, type GroupChangelog, readChangelog, type VersionChange } from './changelog.js';
export { encodeCsvLines } from './csv.js';
export { type AuditBook, createAuditBook, describeEvent, type EventFacts } from './describe-event.js';
export { appendEntry, type AuditEntry, type AuditFacts, EMPTY_TRAIL, parseEntry, type TrailHead } from './entry.js';
export { isAuditedKind, isCampaignKind, TrailScribe } from './scribe.js';
export { encodeSeal, parseSeal, type TrailSeal } from './seal.js';
export { type TrailLines, type TrailProblem, type TrailVerdict, verifyTrail } from './verify-trail.js';
