export { type CampaignRecord, tellPlan, tellProgress, tellWaves } from './campaign-record.js';
export { COVERAGE_LEGEND, type CoveredRow, describeCoverage, describeRows, listRows, type RowStatus, sumCoverage } from './fault-coverage.js';
export { type CaseRecord, type FileRecord, isFinished, listCases, type RunRecord } from './run-record.js';
export { RunRecorder } from './run-recorder.js';
export { describeOutcome, invariantPromises, isFlaky, type Outcome, replayLine, sumFaults, sumInvariants } from './outcome.js';
export { describeShrunk, describeSizes } from './shrunk.js';
export { tellEvent } from './story.js';
