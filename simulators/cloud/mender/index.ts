export type { ReleaseFile } from './answer-mender.js';
export { DeviceRegister, type KeyStatus, type MenderAccount } from './device-register.js';
export { type MenderRunOptions, runMenderDevice } from './run-device.js';
export { createMemoryMender, MenderServer, type MenderServerOptions, openMenderServer } from './mender.js';
