export { type Failure, FailureWatch, generalise, isSameFailure } from './failure.js';
export { type Attempt, type Candidate, type Shrunk, shrinkCase, type ShrinkOptions, sizeOf } from './shrink-case.js';
