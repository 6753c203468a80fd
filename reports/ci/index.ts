export { type CiReporterOptions, openCiReporter } from './ci-reporter.js';
