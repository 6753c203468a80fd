export { type FailedCase, shrinkFailures } from './shrink-failures.js';
