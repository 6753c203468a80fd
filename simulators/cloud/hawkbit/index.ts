export { FlashGateway, type FlashGatewayOptions, type GatewayStorage, HARDWARE_KEY } from './flash-gateway.js';
export type { Distribution, SoftwareModule } from './distribution.js';
export { type DeviceRunOptions, runDevice } from './run-device.js';
export { type HawkbitOptions, createMemoryHawkbit, HawkbitServer, openHawkbit } from './hawkbit.js';
