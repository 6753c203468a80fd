export type { Distribution, SoftwareModule } from './distribution.js';
export { type HawkbitCall, type HawkbitOptions, HawkbitServer, openHawkbit } from './hawkbit.js';
