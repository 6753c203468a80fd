export { openCoverageReporter } from './coverage-reporter.js';
