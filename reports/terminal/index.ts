export { openProgress, type ProgressOptions } from './progress.js';
export { createRunSummary, type RunCounts, type RunSummary, type RunSummaryOptions } from './summary.js';
