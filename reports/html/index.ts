export { type CaseChange, compareRuns, type FigureChange } from './compare-runs.js';
export { HtmlReport } from './html-report.js';
export type { RunData } from './run-data.js';
export { createSampleFleet } from './sample-fleet.js';
