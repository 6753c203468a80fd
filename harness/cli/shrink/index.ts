export type { CampaignCandidate } from './candidate-task.js';
export { type CandidateResult, collectCandidate } from './collect-candidate.js';
export { type ShrinkResult, shrinkFailure } from './shrink-failure.js';
export { type FailedCase, shrinkFailures } from './shrink-failures.js';
