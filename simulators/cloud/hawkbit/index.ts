export type { Distribution, SoftwareModule } from './distribution.js';
export { type DeviceRunOptions, runDevice } from './run-device.js';
export { type HawkbitOptions, HawkbitServer, openHawkbit } from './hawkbit.js';
