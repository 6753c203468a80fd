export type { Connection } from './connection.js';
export type { Agent } from './agent.js';
export { type DeviceParts, type InstallationPart, RIGHT_PARTS, type SettingsPart, type TrialPart, type WriterPart } from './device-parts.js';
export { Device, type DeviceOptions, type Surroundings } from './device.js';
export { encodeUpdateDocument, type UpdateDocument } from './job-document.js';
export { FLEET_PROFILES, type Profile, profileForImages } from './profile.js';
export type { RunningImage, SlotReader } from './running-image.js';
export { acceptanceOf, CachingSlotReader } from './slot-reader.js';
export { UpdateJournal } from './storage/index.js';
