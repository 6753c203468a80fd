export { findLargestGap, type Gap, type PhaseResult, type Spread, type SweepResult, summariseSweep } from './coverage.js';
export type { CutFinding, CutRecord } from './cut-record.js';
export { boundFailureRate } from './failure-bound.js';
export { type PlannedCut, planCuts } from './plan-cuts.js';
export { createProfile, placeOfTime, type ProfileMark, type SweepPhase, type SweepProfile, timeOfPlace, type UpdatePlace } from './profile.js';
export { encodeSweepCase, parseSweepCase, SWEEP_CASE_EXAMPLE, SWEEP_CASE_PREFIX, type SweepCase } from './sweep-case.js';
export { encodeCutRecord, encodeSweepStart, findOtherStart, parseSweepState, type SweepStart, type SweepState } from './sweep-state.js';
