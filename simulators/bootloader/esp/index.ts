export { alikeEntries } from './alike-entries.js';
export { type CreateEspOptions, createEspBootloader } from './esp-bootloader.js';
export type { EspRules } from './esp-rules.js';
export { ESP_LIMITS } from './known-limits.js';
export { encodeOtaEntry, OTA_ENTRY_BYTES, type OtaEntry, type OtaState, otaCrc, parseOtaEntry } from './ota-entry.js';
