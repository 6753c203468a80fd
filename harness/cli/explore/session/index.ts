export { exploreSession } from './explore-session.js';
export { replaySession } from './replay-session.js';
export { SESSION_CASE_PREFIX } from './session-case.js';
