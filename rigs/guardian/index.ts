export { GUARDIAN_ERROR_CODES, GuardianError } from './guardian-error.js';
export type { SafePower } from './message.js';
export { type GuardedPower, type Guardian, type GuardianOptions, openGuardian } from './open-guardian.js';
