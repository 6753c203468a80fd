export { CAPABILITIES, type Capability } from './capability.js';
export { CASE_EXAMPLE, type CaseText, encodeCase, type FileReference, parseCase, titleSlugs } from './case-text.js';
export { DEFAULT_DEVICES, type RunOptions, type ScenarioContext, type UserImage } from './context.js';
export type { CaseConsole, InvariantResult, Judge, ScenarioHost } from './host.js';
export { InconclusiveError, ProductFailure } from './outcome-errors.js';
export { collectScenarios, type ScenarioDefinition, type ScenarioOptions, scenario } from './scenario.js';
export { findTarget, type OpenFleet, provideTarget, type Target, type TargetContext } from './target.js';
export { registerScenarios } from './register.js';
