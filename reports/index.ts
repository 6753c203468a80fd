export { openCiReporter } from './ci/index.js';
export { openCoverageReporter } from './coverage/index.js';
export { type CaseChange, compareRuns, HtmlReport, type RunData } from './html/index.js';
export { type CiSystem, type JunitReporterOptions, MalformedReportError, openJunitReporter, validateJenkinsRules } from './junit/index.js';
export type { Reporter } from './reporter.js';
export { openTapReporter } from './tap/index.js';
export { createRunSummary, openProgress, type ProgressOptions, type RunCounts, type RunSummary, type RunSummaryOptions } from './terminal/index.js';
